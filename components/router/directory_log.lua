-- post-function, log, of the directory: why requests were refused.
local refused = metric("counter", "inference_edge_refused_total",
  "Requests to the entry paths that name no model, by reason", { "reason" })

return function()
  local routing = ngx.ctx.routing
  if refused and routing and routing.answered then refused:inc(1, { routing.answered }) end
end
