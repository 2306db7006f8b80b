-- post-function, access, of a sharded model: after authentication, ACL, size and rate limits, the consumer in the key.
-- Sends the question on to the node that keeps its answer, which Kong's upstream finds by a hash of the key.
local set_method, PUT = ngx.req.set_method, ngx.HTTP_PUT

return function()
  local request = { key = false, memo = false, flight = false, is_new_spelling = false }
  ngx.ctx.prediction = request
  local key = key_of(request)
  if C.cache_tag then clear_header("X-Model-Version") end
  request.key = key
  set_header(C.shard_header, C.shard_secret)   -- these replace whatever the client sent
  set_header(C.header, key or "bypass." .. request.bypass .. "." .. var.request_id)   -- all nodes take their share
  -- A keyed question may be asked again: nginx tries another node when the connection to one breaks (RFC 9110 section
  -- 9.2.2). Of the others it is not known what they do, so that they are sent only once.
  if key then set_method(PUT) end
end
