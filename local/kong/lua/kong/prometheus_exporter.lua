-- kong.plugins.prometheus.exporter: by it other plugins add counters to what the prometheus plugin shows.
local py = ...
local concat = table.concat
local prometheus = { registry = {} }

function prometheus:counter(name, help, label_names)
  local full_name = "kong_" .. name
  local counter = {}
  function counter:inc(value, labels) py.count(full_name, help, concat(label_names, "\n"), concat(labels, "\n"), value) end
  self.registry[name] = counter
  return counter
end

return { get_prometheus = function() return prometheus end }
