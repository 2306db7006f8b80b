-- post-function, body_filter: once the whole answer has passed (and proxy-cache has stored it), remembers that these
-- bytes have this key, and lets the requests go on that wait for it, before a slow client has read its answer.
local time = ngx.time
local dictionary = ngx.shared[C.dictionary]

return function()
  if not ngx.arg[2] then return end
  local request = ngx.ctx.prediction
  if not request or not request.key or request.fresh then return end
  local stored_until = request.stored_until or request.seconds and time() + request.seconds
  if stored_until and stored_until > time() then
    local seconds = stored_until - time()
    local _, _, evicted = dictionary:set(request.memo, request.key, seconds, stored_until)
    local _, _, evicted_more = dictionary:set(request.flight, "stored", seconds)
    if evicted or evicted_more then request.evicted = (request.evicted or 0) + 1 end
    request.leads = false
  end
end
