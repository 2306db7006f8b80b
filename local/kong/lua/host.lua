-- The run loop: entities as Lua tables, one coroutine per access phase, then the filters and log of the plugins that were met.
-- Python calls the functions of the returned table; every one that can end a request, or a timer, says how it goes on:
--   "await", operation, arguments... | "proxy", method, path, query, host, scheme, headers, body | "respond", status, proxied, headers, body | "close" | "end"
local py, settings = ...
local state = { now = 0, phase = "init", request = nil, plugin = nil }
local function load(name, ...) return assert(loadstring(py.source(name), "=" .. name))(...) end

local null = newproxy(true)
getmetatable(null).__tostring = function() return "userdata: NULL" end
local json = load("json", null)
local text = load("text")
local new_dict = load("shdict", function() return state.now end)
local dicts = {}
for name, bytes in string.gmatch(settings.dicts, "(%S+)=(%d+)") do dicts[name] = new_dict(tonumber(bytes)) end
local check_may_wait, await = load("await", state)
local ngx, body_of = load("ngx", state, py, text, null, dicts, await)
local kong = load("pdk", state, py, text, json, ngx, body_of, json.decode(settings.configuration), settings.version)
local entities = { routes = {}, services = {}, consumers = {}, credentials = {}, groups = {} }
local instances, plans, requests, handlers = {}, {}, {}, {}
ngx.timer.at = load("timers", state, py, text, requests)
ngx.thread = load("threads", state, py, await)
ngx.socket.tcp = load("socket", state, py, check_may_wait, await)
local modules = {
  ["resty.redis"] = function() return load("resty/redis", ngx) end,
  ["kong.plugins.prometheus.exporter"] = function() return load("kong/prometheus_exporter", py) end,
}
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

local function call(request, phase, plugin, handler)
  state.request, state.phase, state.plugin = request, phase, plugin
  return pcall(handler, plugin.config, plugin)
end

local function report(request, phase, plugin, err)
  py.log(ngx.ERR, "[" .. plugin.name .. "] " .. phase .. ": " .. tostring(err) .. ", request_id: " .. request.request_id)
end

-- The instance that applies now: the consumer may have become known since the last plugin.
local function pick(request, candidates)
  for i = 1, #candidates do
    local wanted = candidates[i].consumer_id
    if not wanted or request.consumer and request.consumer.id == wanted then return candidates[i] end
  end
end

local function collect_rest(request)
  for i = request.position + 1, #request.plan do request.plugins[#request.plugins + 1] = pick(request, request.plan[i]) end
  request.position = #request.plan
end

local function access(request)
  while request.position < #request.plan do
    request.position = request.position + 1
    local plugin = pick(request, request.plan[request.position])
    if plugin then
      request.plugins[#request.plugins + 1] = plugin
      request.current = plugin
      if plugin.handler.access then
        local ok, err = call(request, "access", plugin, plugin.handler.access)
        if not ok then return plugin, err end
      end
    end
  end
end

local function log(request)
  requests[request.id] = nil
  for _, plugin in ipairs(request.plugins) do
    if plugin.handler.log then
      local ok, err = call(request, "log", plugin, plugin.handler.log)
      if not ok then report(request, "log", plugin, err) end
    end
  end
end

-- Runs a filter of every plugin; false when one failed, which closes the client's connection without (more of) an answer.
local function filter(request, phase)
  for _, plugin in ipairs(request.plugins) do
    if plugin.handler[phase] then
      local ok, err = call(request, phase, plugin, plugin.handler[phase])
      if not ok then
        report(request, phase, plugin, err)
        return false
      end
    end
  end
  return true
end

local function filter_chunk(request, data, eof)
  local arg = ngx.arg
  arg[1], arg[2] = data, eof
  if not filter(request, "body_filter") then return nil end
  return arg[1] or ""
end

local function answer(request, body)
  collect_rest(request)
  local whole = filter(request, "header_filter")
  body = request.reply or body
  request.reply = nil
  if whole and request.client_method ~= "HEAD" then
    body = filter_chunk(request, body, true)
    whole = body ~= nil
  end
  log(request)
  if not whole then return "close", 0 end
  return "respond", request.status, request.ctx.KONG_PROXIED or false, text.join_headers(request.answer), body
end

local function answer_error(request, status, message, accept)
  local content_type, body = text.error_body(accept, message or py.error_message(status), request.request_id)
  request.status, request.reply = status, nil
  text.set_header(request.answer, "Content-Type", content_type)
  return answer(request, body)
end

local function first_of(request, name)
  local value = text.get_header(request.headers, name)
  return type(value) == "table" and value[1] or value
end

-- nginx's own error page: in the type of Accept, else of the request's body, else plain text.
local function error_page(request, status, message)
  return answer_error(request, status, message, first_of(request, "accept") or first_of(request, "content-type") or "text/plain")
end

local function access_finished(request, ok, event, ...)
  local waits = coroutine.status(request.thread) == "suspended"
  if waits and event == "await" then return "await", ... end
  if waits and event == "exit" then
    if request.error_page then return error_page(request, request.status) end
    request.source = "exit"
    return answer(request, "")
  end
  if waits and event == "return" then
    collect_rest(request)
  elseif event then
    report(request, "access", request.current, ok and (...) or event)
    request.source = "exit"
    return answer_error(request, 500, nil, first_of(request, "accept"))
  end
  request.ctx.KONG_PROXIED, request.source = true, "service"
  return "proxy", request.method, request.upstream_path or request.default_path, request.args, request.upstream_host, request.upstream_scheme,
    text.join_headers(request.headers), request.body_changed and request.body or nil
end

-- Starts the coroutine of a request or timer, or goes on with the results of what it waited for.
local function resume(request, ...)
  state.request, state.phase, state.plugin = request, request.phase, request.current
  return request.finished(request, coroutine.resume(request.thread, ...))
end

local FIELDS = string.rep("([^\n]*)\n", 12)
function host.start(id, now, route_id, service_id, refusal, message, fields, block, spilled)
  state.now = now
  local method, target, line, version, path, peer, peer_port, name, port, scheme, request_id, default_path =
    string.match(fields, FIELDS)
  local raw_path, args = string.match(target, "^([^?]*)%??(.*)$")
  local request = {
    id = id, started = now, method = method, client_method = method, target = target, version = version, path = path, raw_path = raw_path,
    args = args, line = line, peer = peer, peer_port = tonumber(peer_port), host = name,
    server_port = tonumber(port), scheme = scheme, request_id = request_id, block = block,
    default_path = default_path, headers = text.parse_headers(block),
    answer = text.parse_headers(""), status = 0, source = "error", ctx = {}, shared = {}, own = {}, chunks = {}, variables = {},
    plugins = {}, position = 0, plan = plans[route_id] or plans[""] or {}, spilled = spilled,
    route = entities.routes[route_id], service = entities.services[service_id],
  }
  requests[id] = request
  if refusal then
    request.source = "exit"
    return answer_error(request, refusal, message, first_of(request, "accept"))
  end
  request.phase, request.thread, request.finished = "access", coroutine.create(access), access_finished
  return resume(request, request)
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

-- Whatever the end was, it has no answer (the client or the upstream went away): only the log phase runs, with nginx's
-- status 499. Nothing happens when the request has already ended.
function host.cancel(id, now)
  state.now = now
  local request = requests[id]
  if request then
    request.status = 499
    log(request)
  end
end

return host
