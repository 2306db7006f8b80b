-- post-function, log: counts what became of the request, and how long it took.
local get_source, now, start_time = kong.response.get_source, ngx.now, ngx.req.start_time

local requests = metric("counter", "inference_edge_requests_total",
  "Requests by what the cache did, and why", { "model", "version", "outcome", "detail" })
local milliseconds = metric("histogram", "inference_edge_request_ms",
  "Milliseconds of whole requests by what the cache did", { "model", "outcome" },
  { 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000 })
local waits = metric("counter", "inference_edge_waits_total",
  "Requests that waited for the answer to another that asked the same", { "model" })
local evictions = metric("counter", "inference_edge_evictions_total",
  "Answers that made room for others in the node's dictionary", { "model" })
local price = metric("gauge", "inference_edge_price", "Price of a call of the model", { "model", "per" })
local as_of = metric("gauge", "inference_edge_price_as_of_seconds", "Unix time of the price's day", { "model" })
if price and as_of and C.price then
  for per, value in pairs(C.price) do price:set(value, { C.model, per }) end
  as_of:set(C.price_as_of_seconds, { C.model })
end

local of_model = { C.model }

-- The gateway has answered itself: refused the caller, or has no answer of the model. A shard's error comes from a service,
-- too, and 499 is a caller who did not wait for the answer.
local function own_answer(request)
  local source, status = get_source(), ngx.status
  if source == "service" and not request and status ~= 499 then return "off", "" end
  return source == "exit" and "refused" or "failed", tostring(status)
end

return function()
  if not requests then return end
  local request = ngx.ctx.prediction
  local outcome, detail = request and request.outcome, request and request.detail
  local is_own = not outcome
  if is_own then outcome, detail = own_answer(request) end
  requests:inc(1, { C.model, C.version, outcome, detail })
  if not is_own or outcome == "off" then
    milliseconds:observe((now() - start_time()) * 1000, { C.model, outcome })
  end
  if not request then return end
  if request.collapsed then waits:inc(1, of_model) end
  if request.evicted then evictions:inc(request.evicted, of_model) end
end
