-- counter(name, help, labels): a counter of Kong's prometheus plugin, or nothing where the sandbox forbids its module
-- (untrusted_lua_sandbox_requires). One that an earlier version of this function has made is taken again.
local function counter(name, ...)
  local found, prometheus = pcall(function() return require("kong.plugins.prometheus.exporter").get_prometheus() end)
  if found and prometheus then return prometheus.registry[name] or prometheus:counter(name, ...) end
end
