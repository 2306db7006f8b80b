-- post-function, header_filter, of a shard: tells the node that asked for how long the answer may be served, and of which
-- version it is. Whatever the model sent under that name goes.
return function()
  local request = ngx.ctx.prediction
  local seconds = request and request.key and request.seconds
  ngx.header[C.told_header] = seconds and seconds > 0 and seconds .. "." .. request.stamp or nil
end
