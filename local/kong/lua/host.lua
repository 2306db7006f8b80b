-- The run loop: entities as Lua tables, a coroutine for each of the phases rewrite and access, then what phases.lua makes of the answer.
-- Python calls the functions of the returned table; every one that can end a request, or a timer, says how it goes on:
--   "await", operation, arguments... | "route", method, headers | "proxy", method, path, query, host, scheme, headers, body, destination
--   | "respond", status, proxied, headers, body | "close" | "end"
local py, settings = ...
local state = { now = 0, phase = "init", request = nil, plugin = nil }
local function load(name, ...) return assert(loadstring(py.source(name), "=" .. name))(...) end

local null = newproxy(true)
getmetatable(null).__tostring = function() return "userdata: NULL" end
local json = load("json", null)
local text = load("text")
local new_request = load("request", text)
local new_dict = load("shdict", function() return state.now end)
local dicts = {}
for name, bytes in string.gmatch(settings.dicts, "(%S+)=(%d+)") do dicts[name] = new_dict(tonumber(bytes)) end
local check_may_wait, await = load("await", state)
local ngx, body_of = load("ngx", state, py, text, null, dicts, await)
local entities = { routes = {}, services = {}, consumers = {}, credentials = {}, groups = {}, upstreams = {} }
local kong = load("pdk", state, py, text, json, ngx, body_of, json.decode(settings.configuration), settings.version, entities, load)
local balancer_data = load("balancer_data", py, json)
local instances, plans, requests, handlers = {}, {}, {}, {}
ngx.timer.at = load("timers", state, py, text, requests)
ngx.thread = load("threads", state, py, await)
ngx.socket.tcp = load("socket", state, py, check_may_wait, await)
local modules = {
  ["resty.redis"] = function() return load("resty/redis", ngx) end,
  ["kong.plugins.prometheus.exporter"] = function() return load("kong/prometheus_exporter", py, ngx) end,
  ["kong.runloop.balancer"] = function() return load("kong/runloop_balancer", py, json, entities) end,
}
local phases = load("phases", state, py, text, ngx, requests)
local rewrite, access, log, filter, filter_chunk = phases.rewrite, phases.access, phases.log, phases.filter, phases.filter_chunk
local collect_rest, report, first_of = phases.collect_rest, phases.report, phases.first_of
local answer, answer_error, error_page = phases.answer, phases.answer_error, phases.error_page
local new_environment = load("sandbox", ngx, kong, modules)
for _, name in ipairs({ "functions", "access", "limits", "headers", "proxy_cache" }) do
  for plugin, handler in pairs(load("plugins/" .. name, kong, ngx, py, text, json, entities, new_environment)) do handlers[plugin] = handler end
end

local host = { dicts = dicts }

-- What the Admin API changed: an entity keeps its table until it changes itself.
function host.put(kind, id, document) entities[kind][id] = json.decode(document) end
function host.drop(kind, id) entities[kind][id] = nil end
function host.put_plugin(id, name, document, consumer_id, scope)
  instances[id] = { id = id, name = name, config = json.decode(document), consumer_id = consumer_id, scope = scope, handler = handlers[name] }
end
function host.drop_plugin(id) instances[id] = nil end
-- "a b;c": per plugin name in order of priority the instances, the most specific first.
function host.plan(route_id, listed)
  local plan = {}
  for group in string.gmatch(listed, "[^;]+") do
    local candidates = {}
    for id in string.gmatch(group, "%S+") do candidates[#candidates + 1] = instances[id] end
    plan[#plan + 1] = candidates
  end
  plans[route_id] = plan
end
function host.syntax_error(chunk)
  local _, err = loadstring(chunk)
  return err
end

local function exited(request)
  if request.error_page then return error_page(request, request.status) end
  request.source = "exit"
  return answer(request, "")
end

local function rewrite_finished(request, ok, event, ...)
  local waits = coroutine.status(request.thread) == "suspended"
  if waits and event == "await" then return "await", ... end
  if waits and event == "exit" then return exited(request) end
  if not waits and event then
    report(request, "rewrite", request.current, ok and (...) or event)
    return error_page(request, 500)
  end
  return "route", request.method, request.headers.changed and text.join_headers(request.headers) or nil
end

local function access_finished(request, ok, event, ...)
  local waits = coroutine.status(request.thread) == "suspended"
  if waits and event == "await" then return "await", ... end
  if waits and event == "exit" then return exited(request) end
  if waits and event == "return" then
    collect_rest(request)
  elseif event then
    report(request, "access", request.current, ok and (...) or event)
    request.source = "exit"
    return answer_error(request, 500, nil, first_of(request, "accept"))
  end
  if not request.service then
    request.source = "exit"
    return answer_error(request, 503, "no Service found with those values", first_of(request, "accept"))
  end
  request.ctx.KONG_PROXIED, request.source = true, "service"
  return "proxy", request.method, request.upstream_path or request.default_path, request.args, request.upstream_host, request.upstream_scheme,
    text.join_headers(request.headers), request.body_changed and request.body or nil,
    balancer_data.changes(request.ctx.balancer_data, request.service)
end

-- Starts the coroutine of a request or timer, or goes on with the results of what it waited for.
local function resume(request, ...)
  state.request, state.phase, state.plugin = request, request.phase, request.current
  return request.finished(request, coroutine.resume(request.thread, ...))
end

local function receive(id, now, ...)
  state.now = now
  local request = new_request(id, now, ...)
  requests[id] = request
  return request
end

local function start_access(request, route_id, service_id, path)
  request.plan, request.default_path, request.upstream_path = plans[route_id] or plans[""], path, nil
  local service = entities.services[service_id]
  request.route, request.service = entities.routes[route_id], service
  if service then request.ctx.balancer_data = balancer_data.of(request, service) end
  request.phase, request.thread, request.finished = "access", coroutine.create(access), access_finished
  return resume(request, request)
end

local function refuse(request, status, message)
  request.source = "exit"
  return answer_error(request, status, message, first_of(request, "accept"))
end

-- path, fields, block, spilled: what came from the client. Then what the router has found, or why it has not.
function host.start(id, now, path, fields, block, spilled, ...)
  return start_access(receive(id, now, path, fields, block, spilled, plans[""]), ...)
end
function host.refuse(id, now, path, fields, block, spilled, ...)
  return refuse(receive(id, now, path, fields, block, spilled, plans[""]), ...)
end

-- With a global plugin that has a rewrite phase: first that, then the router.
function host.rewrite(id, now, path, fields, block, spilled)
  local request = receive(id, now, path, fields, block, spilled, plans[""])
  request.phase, request.thread, request.finished = "rewrite", coroutine.create(rewrite), rewrite_finished
  return resume(request, request)
end
function host.start_rewritten(id, now, ...)
  state.now = now
  return start_access(requests[id], ...)
end
function host.refuse_rewritten(id, now, ...)
  state.now = now
  return refuse(requests[id], ...)
end

function host.resume(id, now, ...)
  state.now = now
  return resume(requests[id], ...)
end

function host.run_timer(id, now, premature)
  state.now = now
  local timer = requests[id]
  return resume(timer, premature, unpack(timer.arguments, 1, timer.count))
end

local function take_upstream(request, status, block)
  request.status, request.upstream_status, request.upstream_headers = status, status, text.parse_headers(block)
  local list = request.upstream_headers
  for i = 1, list.n do text.add_header(request.answer, list.names[i], list.values[i]) end
end

-- A whole answer of the upstream.
function host.respond(id, now, status, block, body)
  state.now = now
  local request = requests[id]
  take_upstream(request, status, block)
  return answer(request, body)
end

-- An answer of the upstream in pieces: headers, then chunks, the last with eof.
function host.headers(id, now, status, block)
  state.now = now
  local request = requests[id]
  take_upstream(request, status, block)
  if filter(request, "header_filter") then return "respond", request.status, true, text.join_headers(request.answer), "" end
  log(request)
  return "close", 0
end
function host.chunk(id, now, data, eof)
  state.now = now
  local request = requests[id]
  local out = filter_chunk(request, data, eof)
  if eof or not out then log(request) end
  return out
end

-- No answer of the upstream: 502, 504 as nginx's page; 503 as Kong's own.
function host.unreachable(id, now, status, message)
  state.now = now
  local request = requests[id]
  request.source = "error"
  if message then
    request.ctx.KONG_PROXIED, request.source = nil, "exit"
    return answer_error(request, status, message, first_of(request, "accept"))
  end
  return error_page(request, status)
end

-- The id of the consumer, else of its credential: what a balancer may hash.
function host.identity(id)
  local request = requests[id]
  return (request.consumer or request.credential or {}).id
end

-- The upstream's answer broke off in the middle.
function host.cut_off(id, now)
  state.now = now
  log(requests[id])
end

-- The client has left: only the log phase runs, with nginx's status 499 unless the answer had begun. Nothing happens
-- when the request has already ended.
function host.cancel(id, now)
  state.now = now
  local request = requests[id]
  if request then
    if not request.upstream_headers then request.status = 499 end
    if request.phase == "rewrite" then collect_rest(request) end
    log(request)
  end
end

return host
