-- pre-function, log: a flight whose lead ended early (no key, a limit, an error, a client gone) gets another lead.
local dictionary = ngx.shared[C.dictionary]

return function()
  local request = ngx.ctx.prediction
  if request and request.leads then dictionary:delete(request.flight) end
end
