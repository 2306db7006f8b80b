-- metric(kind, name, help, labels, buckets): a counter, gauge or histogram of Kong's prometheus plugin, or nothing where
-- the sandbox forbids its module (untrusted_lua_sandbox_requires). One that an earlier function has made is taken again.
local has_metrics, prometheus = pcall(function() return require("kong.plugins.prometheus.exporter").get_prometheus() end)

local function metric(kind, name, ...)
  if has_metrics and prometheus then return prometheus.registry[name] or prometheus[kind](prometheus, name, ...) end
end
