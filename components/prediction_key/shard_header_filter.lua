-- post-function, header_filter, of a shard: tells the node that asked for how long the answer may be served, and of which
-- version it is; with ! if not longer. Whatever the model sent under that name goes.
return function()
  local request = ngx.ctx.prediction
  local seconds = request and request.key and request.seconds
  local told = seconds and seconds > 0 and seconds .. "." .. request.stamp .. (request.must_revalidate and "!" or "")
  ngx.header[C.told_header] = told or nil
end
