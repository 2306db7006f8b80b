-- ngx.thread: coroutines of one request or timer side by side. Python does what each waits for, and says who is next.
local state, py, await = ...
local last_id = 0

local function collect(...) return { n = select("#", ...), ... } end
local function values(results) return unpack(results, 1, results.n) end

-- Runs the thread until it waits or ends.
local function step(thread, ...)
  local results = collect(coroutine.resume(thread.coroutine, ...))
  if coroutine.status(thread.coroutine) ~= "suspended" then
    thread.results = results
  elseif results[2] == "await" then
    py.thread_await(state.request.id, thread.id, unpack(results, 3, results.n))
  else
    thread.results = { n = 2, false, "a light thread may only wait" }
  end
end

local function spawn(work, ...)
  last_id = last_id + 1
  local thread = { id = last_id, coroutine = coroutine.create(work) }
  step(thread, ...)
  return thread
end

-- The results of the first that has ended: true and what it returned, or false and its error.
local function wait(...)
  local threads, by_id, ids = { ... }, {}, {}
  while true do
    for i, thread in ipairs(threads) do
      if thread.results then return values(thread.results) end
      by_id[thread.id], ids[i] = thread, thread.id
    end
    local woken = collect(await("first", unpack(ids)))
    step(by_id[woken[1]], unpack(woken, 2, woken.n))
  end
end

local function kill(thread)
  if thread.results then return nil, "already waited or killed" end
  py.thread_kill(thread.id)
  thread.results = { n = 2, false, "killed" }
  return true
end

return { spawn = spawn, wait = wait, kill = kill }
