-- pre-function and post-function: untrusted chunks, compiled once per configuration in their own sandbox.
local kong, ngx, py, text, json, entities, new_environment = ...

-- A chunk that returns a function is run once, and the function per request; any other chunk is itself run per request.
local function prepare(plugin, phase)
  plugin.environment = plugin.environment or new_environment()
  local ready = {}
  for _, source in ipairs(plugin.config[phase] or {}) do
    local chunk = setfenv(assert(loadstring(source)), plugin.environment)
    ready[#ready + 1] = { run = chunk, fresh = true }
  end
  return ready
end

local function phase_runner(phase)
  return function(_, plugin)
    plugin.functions = plugin.functions or {}
    local ready = plugin.functions[phase]
    if not ready then
      ready = prepare(plugin, phase)
      plugin.functions[phase] = ready
    end
    for _, entry in ipairs(ready) do
      local returned = entry.run()
      if entry.fresh then
        entry.fresh = false
        if type(returned) == "function" then
          entry.run = returned
          returned()
        end
      end
    end
  end
end

local handler = {}
for _, phase in ipairs({ "rewrite", "access", "header_filter", "body_filter", "log" }) do handler[phase] = phase_runner(phase) end
return { ["pre-function"] = handler, ["post-function"] = handler }
