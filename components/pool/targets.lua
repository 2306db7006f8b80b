-- How a request gets one target of a pool: Kong hashes what it finds in C.header. That is one of a fixed number of slots
-- here, so that the target of each can be learnt from the requests that went there (balancing_log.lua).
--
-- Whatever is forgotten or wrong here costs a warm prefix or a moment's wait, never a request: Kong leaves out targets
-- that are ill.
local SLOTS = 1024
local COUNT_SECONDS = 600               -- counts start anew now and then: a worker that died has left its own

local function target_of(slot) return dictionary:get(C.slot_key .. slot) end

local function in_flight(address) return math.max(0, dictionary:get(C.in_flight_key .. address) or 0) end

-- Sends the request to the slot, whose target is `address` if that is known.
local function go_to(slot, address, outcome)
  ngx.req.set_header(C.header, tostring(slot))   -- replaces whatever the client sent
  if address then dictionary:incr(C.in_flight_key .. address, 1, 0, COUNT_SECONDS) end
  ngx.ctx.balancing = { slot = slot, address = address, outcome = outcome }
end
