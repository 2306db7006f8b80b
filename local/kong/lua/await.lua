-- Waiting: a coroutine of the rewrite or access phase or of a timer leaves an operation to Python and goes on with its results.
local state = ...
local yield = coroutine.yield
local MAY_WAIT = { rewrite = true, access = true, timer = true }

local function check_may_wait()
  if not MAY_WAIT[state.phase] then error("API disabled in the context of " .. state.phase .. "_by_lua*", 3) end
end

-- operation: sleep, connect, secure, drain or read; Python has the arguments and results.
local function await(operation, ...)
  check_may_wait()
  return yield("await", operation, ...)
end

return check_may_wait, await
