-- How a request gets one target of a pool: Kong hashes what it finds in C.header. That is one of a fixed number of slots
-- here, so that the target of each can be learnt from the requests that went there (balancing_log.lua).
--
-- Whatever is forgotten or wrong here costs a warm prefix or a moment's wait, never a request: Kong leaves out targets
-- that are ill.
local SLOTS = 1024
-- Requests are counted by the window in which they began; what a worker that died has left is forgotten after two.
local WINDOW_SECONDS = 600

local function target_of(slot) return dictionary:get(C.slot_key .. slot) end

local function count_key(address, window) return C.in_flight_key .. window .. ":" .. address end

local function in_flight(address)
  local window = math.floor(ngx.time() / WINDOW_SECONDS)
  local now, before = dictionary:get(count_key(address, window)), dictionary:get(count_key(address, window - 1))
  return math.max(0, (now or 0) + (before or 0))
end

-- Sends the request to the slot, whose target is `address` if that is known.
local function go_to(slot, address, outcome)
  ngx.req.set_header(C.header, tostring(slot))   -- replaces whatever the client sent
  local counted = address and count_key(address, math.floor(ngx.time() / WINDOW_SECONDS))
  if counted then dictionary:incr(counted, 1, 0, 2 * WINDOW_SECONDS) end
  ngx.ctx.balancing = { slot = slot, counted = counted, outcome = outcome }
end
