-- post-function, header_filter, of a sharded model: takes what the shard tells of its answer, which is not for the client.
local get_source, match = kong.response.get_source, string.match
local dictionary = ngx.shared[C.dictionary]
local finish_twin = C.finish_twin       -- of get_twin_header_filter.lua, where a model has it

return function()
  local told = ngx.header[C.told_header]
  ngx.header[C.told_header] = nil
  local request = ngx.ctx.prediction
  if not request then                    -- refused before it came here: a GET's answer is still not for caches on the way
    if finish_twin and ngx.req.get_method() == "GET" then finish_twin({}) end
    return
  end
  local seconds, stamp, strict = match(type(told) == "string" and told or "", "^(%d+)%.([%w_-]+)(!?)$")
  request.must_revalidate = strict == "!"
  -- A shard that is of another version for a moment: its answer is not what a shared cache asked for.
  seconds = get_source() == "service" and stamp == C.stamp and tonumber(seconds) or nil
  if seconds and request.is_new_spelling then dictionary:set(request.memo, request.key, C.ttl_seconds) end
  if request.twin then finish_twin(request, seconds) end
end
