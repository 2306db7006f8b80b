-- post-function, body_filter, with a store of our own: keeps the whole answer, once it has passed.
local dictionary, concat = ngx.shared[C.dictionary], table.concat

local function keep(request, led, text, seconds)
  local ok = store.put(request.key, text, seconds, request.claimed)
  if ok and request.memo then dictionary:set(request.memo, request.key, seconds) end   -- a shard has none
  if not led then return end
  if ok then dictionary:delete(request.flight) else dictionary:set(request.flight, "pass", 1) end
end

return function()
  local request = ngx.ctx.prediction
  if not request then return end
  local arg = ngx.arg
  if request.replacement then
    arg[1], request.replacement = request.replacement, ""
    return
  end
  local chunks = request.chunks
  if not chunks then return end
  local chunk = arg[1]
  if chunk and chunk ~= "" then chunks[#chunks + 1] = chunk end
  if not arg[2] then return end
  request.chunks = nil
  local answer = request.answer
  answer.body = concat(chunks)
  if #answer.body ~= answer.bytes then return end   -- cut off: store_log.lua lets another go
  local led = request.leads
  request.leads = false                 -- now, before a slow client has read the answer
  C.later(keep, request, led, encode_entry(request.key, answer), answer.ttl_seconds + answer.stale_seconds)
end
