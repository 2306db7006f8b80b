-- post-function, body_filter, with a store of our own: keeps the whole answer, once it has passed.
local dictionary, concat = ngx.shared[C.dictionary], table.concat

local function keep(request, led, text, seconds)
  local ok, evicted = store.put(request.key, text, seconds, request.claimed)
  if ok and evicted == true then request.evicted = 1 end
  if ok and request.memo then dictionary:set(request.memo, request.key, seconds) end   -- a shard has none
  if not led then return end
  if ok then dictionary:delete(request.flight) else dictionary:set(request.flight, "pass", 1) end
  if not ok and request.claimed then store.give_up(request.key, request.token) end
end

-- How long others go at once, each for itself, where another plugin has changed the body: its length would be wrong.
local PASS_SECONDS = 30

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
  local led = request.leads
  request.leads = false                 -- now, before a slow client has read the answer
  if #answer.body ~= answer.bytes then
    if led then dictionary:set(request.flight, "pass", PASS_SECONDS) end
    if request.claimed then C.later(0, store.give_up, request.key, request.token, PASS_SECONDS) end
    return
  end
  local text, seconds = encode_entry(request.key, answer), answer.ttl_seconds + answer.stale_seconds
  if not C.later(0, keep, request, led, text, seconds) and led then dictionary:delete(request.flight) end
end
