-- kong.plugins.prometheus.exporter: by it other plugins add metrics to what the prometheus plugin shows.
local py, ngx = ...
local concat, gsub, find, type = table.concat, string.gsub, string.find, type
local DEFAULT_BUCKETS = { 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 10 }
local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }
local prometheus = { registry = {} }

local function complain(...) ngx.log(ngx.ERR, ...) end

-- The values as lines, or nil when their number is wrong.
local function joined(metric, values)
  local count, out = values and #values or 0, {}
  if count ~= metric.label_count then
    complain(("metric '%s' has inconsistent labels count, expected %d, got %d"):format(metric.name, metric.label_count, count))
    return nil
  end
  for i = 1, count do out[i] = type(values[i]) == "string" and gsub(values[i], '[\\"\n]', ESCAPES) or tostring(values[i]) end
  return concat(out, "\n")
end

local function action(of_python, may_be_negative)
  return function(metric, value, label_values)
    if not value then return complain("No value passed for ", metric.name) end
    if value < 0 and not may_be_negative then return complain("Value should not be negative: ", metric.name) end
    local labels = joined(metric, label_values)
    if labels then py[of_python](metric.full_name, labels, value) end
  end
end

local increased, adjusted, set, observe = action("metric_add"), action("metric_add", true), action("metric_set", true), action("metric_observe", true)

local KINDS = {
  counter = { inc = function(metric, value, labels) return increased(metric, value or 1, labels) end },
  gauge = { inc = function(metric, value, labels) return adjusted(metric, value or 1, labels) end, set = set },
  histogram = { observe = observe },
}

local function wrong_name(name, label_names)
  if not find(name, "^[A-Za-z_:][A-Za-z0-9_:]*$") then return "Metric name '" .. name .. "' is invalid" end
  for _, label in ipairs(label_names) do
    if label == "le" then return "Invalid label name 'le' in " .. name end
    if not find(label, "^[A-Za-z_][A-Za-z0-9_]*$") then return "Metric '" .. name .. "' label name '" .. label .. "' is invalid" end
  end
end

local function register(kind, name, help, label_names, buckets)
  label_names = label_names or {}
  local wrong = wrong_name(name, label_names) or prometheus.registry[name] and "Duplicate metric " .. name
  if wrong then return complain(wrong) end
  local metric = { name = name, full_name = "kong_" .. name, help = help, label_count = #label_names }
  for method, body in pairs(KINDS[kind]) do metric[method] = body end
  py.metric_register(metric.full_name, help, kind, concat(label_names, "\n"), concat(buckets or {}, "\n"))
  prometheus.registry[name] = metric
  return metric
end

function prometheus:counter(name, help, label_names) return register("counter", name, help, label_names) end
function prometheus:gauge(name, help, label_names) return register("gauge", name, help, label_names) end
function prometheus:histogram(name, help, label_names, buckets) return register("histogram", name, help, label_names, buckets or DEFAULT_BUCKETS) end

return { get_prometheus = function() return prometheus end }
