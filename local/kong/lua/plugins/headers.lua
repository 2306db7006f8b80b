-- correlation-id, cors, request-termination and prometheus.
local kong, ngx, py = ...

local worker_uuid, counter = py.uuid(), 0
local GENERATORS = {
  uuid = py.uuid,
  ["uuid#counter"] = function()
    counter = counter + 1
    return worker_uuid .. "#" .. counter
  end,
  tracker = function()
    counter = counter + 1
    return ("%s-%s-%d-%d-1-%0.3f"):format(ngx.var.server_addr, ngx.var.server_port, ngx.worker.pid(), counter, ngx.now())
  end,
}
local correlation_id = {}
function correlation_id.access(config)
  local id = kong.request.get_header(config.header_name)
  if not id or id == "" then
    id = GENERATORS[config.generator]()
    kong.service.request.set_header(config.header_name, id)
  end
  kong.ctx.plugin.id = id
end
function correlation_id.header_filter(config)
  if not config.echo_downstream then return end
  local id = kong.ctx.plugin.id or kong.request.get_header(config.header_name)
  kong.response.set_header(config.header_name, id or GENERATORS[config.generator]())
end

local function origin_matches(pattern, origin)
  if not pattern:find("[^A-Za-z0-9.:/-]") then
    local default = pattern:gsub("^(http://[^:/]+):80$", "%1"):gsub("^(https://[^:/]+):443$", "%1")
    return default == origin
  end
  local subject = pattern:find(":", 1, true) and origin or origin:match("^%w+://([^:/]+)") or origin
  return ngx.re.find(subject, "^(?:" .. pattern:gsub("^%^", ""):gsub("%$$", "") .. ")$") ~= nil
end

-- Sets Access-Control-Allow-Origin; true when every origin is allowed.
local function allow_origin(config, origin)
  local response, origins = kong.response, config.origins or {}
  if #origins == 0 or #origins == 1 and origins[1] == "*" then
    response.set_header("Access-Control-Allow-Origin", "*")
    return true
  end
  response.add_header("Vary", "Origin")
  if #origins == 1 and not origins[1]:find("[^A-Za-z0-9.:/-]") then
    response.set_header("Access-Control-Allow-Origin", origins[1])
    return false
  end
  for _, pattern in ipairs(origins) do
    if pattern == "*" then
      response.set_header("Access-Control-Allow-Origin", "*")
      return true
    end
    if origin and origin_matches(pattern, origin) then
      response.set_header("Access-Control-Allow-Origin", origin)
      return false
    end
  end
  response.clear_header("Access-Control-Allow-Origin")
  return false
end

local function allow_credentials(config, everyone, origin)
  if not config.credentials or everyone and not origin then return end
  if everyone then
    kong.response.add_header("Vary", "Origin")
    kong.response.set_header("Access-Control-Allow-Origin", origin)
  end
  kong.response.set_header("Access-Control-Allow-Credentials", "true")
end

local cors = {}
function cors.access(config)
  local request, response = kong.request, kong.response
  local origin = request.get_header("origin")
  if request.get_method() ~= "OPTIONS" or not origin or not request.get_header("access-control-request-method") then return end
  kong.ctx.plugin.done = true
  if config.preflight_continue then return end
  allow_credentials(config, allow_origin(config, origin), origin)
  local wanted = config.headers and #config.headers > 0 and table.concat(config.headers, ",")
    or request.get_header("access-control-request-headers")
  if wanted then response.set_header("Access-Control-Allow-Headers", wanted) end
  response.set_header("Access-Control-Allow-Methods", table.concat(config.methods or {}, ","))
  if config.max_age then response.set_header("Access-Control-Max-Age", tostring(config.max_age)) end
  if config.private_network and request.get_header("access-control-request-private-network") == "true" then
    response.set_header("Access-Control-Allow-Private-Network", "true")
  end
  return response.exit(200)
end
function cors.header_filter(config)
  local origin = kong.request.get_header("origin")
  if kong.ctx.plugin.done or not origin and not config.allow_origin_absent then return end
  allow_credentials(config, allow_origin(config, origin), origin)
  if config.exposed_headers and #config.exposed_headers > 0 then
    kong.response.set_header("Access-Control-Expose-Headers", table.concat(config.exposed_headers, ","))
  end
end

local MESSAGES = { [401] = "Unauthorized", [404] = "Not found", [405] = "Method not allowed", [500] = "An unexpected error occurred",
  [502] = "Bad Gateway", [503] = "Service unavailable" }
local request_termination = {}
function request_termination.access(config)
  local trigger = config.trigger
  if trigger and not kong.request.get_header(trigger) and not kong.request.get_query()[trigger] then return end
  if config.body then
    return kong.response.exit(config.status_code, config.body, { ["Content-Type"] = config.content_type or "application/json; charset=utf-8" })
  end
  return kong.response.error(config.status_code, config.message or MESSAGES[config.status_code])
end

local prometheus = {}
function prometheus.log(config)
  local consumer = config.per_consumer and kong.client.get_consumer()
  local service, route = kong.router.get_service(), kong.router.get_route()
  if not service then return end
  py.observe(config.status_code_metrics, config.latency_metrics,
    service.name or service.host, route and (route.name or route.id) or "", kong.response.get_status(),
    kong.response.get_source() == "service" and "service" or "kong", consumer and consumer.username or "", ngx.req.start_time())
end

return { ["correlation-id"] = correlation_id, cors = cors, ["request-termination"] = request_termination, prometheus = prometheus }
