-- post-function, log, of a model with a pool: which target answered, how it went, and after how long.
local var = ngx.var
local find, match = string.find, string.match

local SLOT_SECONDS, ADDRESSES_SECONDS, MAX_ADDRESSES = 300, 60, 256

local requests = metric("counter", "inference_edge_pool_requests_total",
  "Requests that went to a pool, by the target of the last try", { "pool", "model", "target", "code" })
local outcomes = metric("counter", "inference_edge_affinity_total",
  "Whether a request got the target of those before it", { "pool", "model", "outcome" })
local first_bytes = metric("histogram", "inference_edge_first_byte_ms",
  "Milliseconds from the last try's start to the first byte of its answer", { "pool", "model", "target" },
  { 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000 })

local function learn(slot, address)
  local key = C.slot_key .. slot
  if dictionary:get(key) ~= address then dictionary:set(key, address, SLOT_SECONDS) end
  local listed = dictionary:get(C.addresses_key) or ""
  if not find(" " .. listed, " " .. address .. " ", 1, true) and #listed < MAX_ADDRESSES * 22 then
    dictionary:set(C.addresses_key, listed .. address .. " ", ADDRESSES_SECONDS)
  end
end

return function()
  local balancing = ngx.ctx.balancing
  if balancing and balancing.counted then dictionary:incr(balancing.counted, -1) end
  local address = match(var.upstream_addr or "", "([^%s,]+:%d+)$")   -- of the last try
  if not address then return end        -- answered from the cache, or refused
  local first_byte = match(var.upstream_header_time or "", "([%d.]+)$")
  if balancing and first_byte then learn(balancing.slot, address) end
  if not requests then return end
  requests:inc(1, { C.pool, C.model, address, ngx.status })
  if balancing and balancing.outcome then outcomes:inc(1, { C.pool, C.model, balancing.outcome }) end
  if first_byte then first_bytes:observe(tonumber(first_byte) * 1000, { C.pool, C.model, address }) end
end
