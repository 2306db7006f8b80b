-- post-function, log, with a store of our own: a flight whose lead ended early (an error, a client gone) gets another.
local dictionary = ngx.shared[C.dictionary]

return function()
  local request = ngx.ctx.prediction
  if not request or not request.leads then return end
  dictionary:delete(request.flight)
  if request.claimed then C.later(store.give_up, request.key, request.token) end
end
