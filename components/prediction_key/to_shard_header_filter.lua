-- post-function, header_filter, of a sharded model: takes what the shard tells of its answer, which is not for the client.
local get_source, match, sub, find = kong.response.get_source, string.match, string.sub, string.find
local dictionary = ngx.shared[C.dictionary]
local finish_twin = C.finish_twin       -- of get_twin_header_filter.lua, where a model has it

-- What became of it, by the shard's Cache-Status.
local function tell(request, status)
  local detail = match(status, "; detail=([%w-]+)")
  local left = tonumber(match(status, "; hit; ttl=(-?%d+)"))
  if left then
    if detail and sub(detail, 1, 6) == "error-" then return became(request, "stale", "error") end
    if left <= 0 then return became(request, "stale", "revalidate") end
    return became(request, "hit", detail)
  end
  local forward = match(status, "; fwd=(%l+)")
  if forward == "miss" or forward == "stale" then
    return became(request, "miss", detail or find(status, "; stored", 1, true) and "stored" or "error")
  end
  if forward then became(request, "bypass", detail) end
end

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
  local status = get_source() == "service" and ngx.header["Cache-Status"]
  if type(status) == "string" then tell(request, status) end
  if request.twin then finish_twin(request, seconds) end
end
