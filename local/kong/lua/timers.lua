-- ngx.timer.at: callbacks that run later, each with a context of its own, and may wait as a request may.
local state, py, text, requests = ...
local last_id = 0   -- of timers: negative

local function finished(timer, ok, event, ...)
  if ok and event == "await" and coroutine.status(timer.thread) == "suspended" then return "await", ... end
  requests[timer.id] = nil
  if not ok then py.log(4, "timer: " .. tostring(event)) end
  return "end", 0
end

local function at(delay, callback, ...)
  if type(delay) ~= "number" or delay < 0 then error("bad argument #1 to 'at' (delay expected)", 2) end
  if type(callback) ~= "function" then error("bad argument #2 to 'at' (Lua function expected)", 2) end
  last_id = last_id - 1
  requests[last_id] = {
    id = last_id, phase = "timer", current = state.plugin, started = state.now, request_id = "timer", status = 0, args = "", chunks = {},
    ctx = {}, shared = {}, own = {}, variables = {}, headers = text.parse_headers(""), answer = text.parse_headers(""),
    thread = coroutine.create(callback), finished = finished, arguments = { ... }, count = select("#", ...),
  }
  py.timer(last_id, delay)
  return true
end

return at
