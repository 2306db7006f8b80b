-- post-function, log, with a store of our own: a flight whose lead ended early (an error, a client gone) gets another.
local dictionary = ngx.shared[C.dictionary]

return function()
  local request = ngx.ctx.prediction
  if not request or not request.leads then return end
  -- The model's answer had begun and was cut off: all go at once, for the next lead's may be, too.
  local seconds = request.answer and 1
  if seconds then dictionary:set(request.flight, "pass", seconds) else dictionary:delete(request.flight) end
  if request.claimed then C.later(0, store.give_up, request.key, request.token, seconds) end
end
