-- The `kong` table: Kong's plugin development kit for one HTTP request.
local state, py, text, json, ngx, body_of, configuration, version, entities, load = ...
local lower, gsub, sub, match, type = string.lower, string.gsub, string.sub, string.match, type
local yield = coroutine.yield
local kong = { version = version, configuration = configuration, request = {}, response = {}, service = { request = {}, response = {} } }

-- Some functions exist in some phases only; a call in another one is an error, as in Kong.
local function only(phases, module, functions)
  for name, body in pairs(functions) do
    module[name] = function(...)
      if not phases[state.phase] then
        local names = {}
        for phase in pairs(phases) do names[#names + 1] = phase end
        table.sort(names)
        error("function cannot be called in " .. state.phase .. " phase (only in: " .. table.concat(names, ", ") .. ")", 2)
      end
      return body(...)
    end
  end
end
local ACCESS = { rewrite = true, access = true, timer = true }
local BEFORE_BODY = { rewrite = true, access = true, header_filter = true, timer = true }
local FILTERS = { header_filter = true, body_filter = true, log = true, access = true, rewrite = true }

-- kong.request
local request = kong.request
function request.get_headers(max) return ngx.req.get_headers(max) end
function request.get_header(name)
  local value = text.header_table(state.request.headers, 100)[name]
  return type(value) == "table" and value[1] or value
end
function request.get_method() return state.request.method end
function request.get_path() return state.request.path end
function request.get_raw_path() return state.request.raw_path end
function request.get_raw_query() return state.request.args end
function request.get_path_with_query() return state.request.target end
function request.get_query(max) return ngx.req.get_uri_args(max) end
function request.get_query_arg(name)
  local value = ngx.req.get_uri_args()[name]
  return type(value) == "table" and value[1] or value
end
function request.get_host() return state.request.host end
function request.get_port() return state.request.server_port end
function request.get_scheme() return state.request.scheme end
request.get_forwarded_host, request.get_forwarded_port = request.get_host, request.get_port
request.get_forwarded_scheme, request.get_forwarded_path = request.get_scheme, request.get_path
function request.get_http_version() return ngx.req.http_version() end
function request.get_start_time() return math.floor(state.request.started * 1000) end
function request.get_uri_captures() return { named = {}, unnamed = {} } end

only(ACCESS, request, {
  get_raw_body = function(max_file_size)
    ngx.req.read_body()
    local current = state.request
    if not current.spilled then return body_of(current) end
    if not max_file_size or max_file_size < 0 then
      return nil, "request body did not fit into client body buffer, consider raising 'client_body_buffer_size'"
    end
    local body = body_of(current)
    if max_file_size > 0 and #body > max_file_size then
      return nil, ("request body file too big: %d > %d"):format(#body, max_file_size)
    end
    return body
  end,
  get_body = function(mime, max_args, max_file_size)
    mime = lower(match(mime or request.get_header("content-type") or "", "^%s*([^;%s]*)"))
    if mime == "application/x-www-form-urlencoded" then return text.decode_args(request.get_raw_body() or ""), nil, mime end
    if mime ~= "application/json" then return nil, "unsupported content type '" .. mime .. "'", mime end
    local body, err = request.get_raw_body(max_file_size)
    if not body then return nil, err, mime end
    local ok, value = pcall(json.decode, body, true)
    if not ok or type(value) ~= "table" then return nil, "invalid json body", mime end
    return value, nil, mime
  end,
})

-- kong.service.request
local function value_text(name, value)
  local kind = type(value)
  if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
    error("invalid header value for \"" .. name .. "\": got " .. kind .. ", expected array of string, string, number or boolean", 3)
  end
  return tostring(value)
end
local function set_header(name, value)
  if type(name) ~= "string" then error("header name must be a string", 3) end
  if lower(name) == "host" then state.request.upstream_host = tostring(value) end
  if type(value) ~= "table" then value = value_text(name, value) end
  text.set_header(state.request.headers, name, value)
end
only(ACCESS, kong.service.request, {
  set_header = set_header,
  add_header = function(name, value) text.add_header(state.request.headers, name, value_text(name, value)) end,
  clear_header = function(name)
    if type(name) ~= "string" then error("header name must be a string", 3) end
    text.clear_header(state.request.headers, name)
  end,
  set_headers = function(headers)
    for name, value in pairs(headers) do set_header(name, value) end
  end,
  set_method = function(method) state.request.method = method end,
  set_path = function(path)
    if type(path) ~= "string" or sub(path, 1, 1) ~= "/" then error("path must start with /", 3) end
    state.request.upstream_path = path
  end,
  set_query = function(args) state.request.args = text.encode_args(args) end,
  set_raw_query = function(query) state.request.args = query end,
  set_raw_body = function(body) ngx.req.set_body_data(body) end,
  set_body = function(args, mime)
    mime = mime or request.get_header("content-type") or "application/json"
    ngx.req.set_body_data(lower(mime):find("json", 1, true) and json.encode(args) or text.encode_args(args))
  end,
  set_scheme = function(scheme) state.request.upstream_scheme = scheme end,
  enable_buffering = function() end,
})
load("service", state, entities, ngx, only)(kong.service)
local upstream = kong.service.response
function upstream.get_status() return state.request.upstream_status end
function upstream.get_headers(max)
  local list = state.request.upstream_headers
  return list and text.header_table(list, max or 100) or {}
end
function upstream.get_header(name)
  local value = upstream.get_headers()[name]
  return type(value) == "table" and value[1] or value
end

-- kong.response
local response = kong.response
function response.get_status() return state.request.status end
function response.get_headers(max) return ngx.resp.get_headers(max) end
function response.get_header(name)
  local value = text.header_table(state.request.answer, 100)[name]
  return type(value) == "table" and value[1] or value
end
only(FILTERS, response, { get_source = function() return state.request.source end })
only(BEFORE_BODY, response, {
  set_status = function(status) state.request.status = status end,
  set_header = function(name, value) text.set_header(state.request.answer, name, type(value) == "table" and value or value_text(name, value)) end,
  add_header = function(name, value) text.add_header(state.request.answer, name, value_text(name, value)) end,
  clear_header = function(name) text.clear_header(state.request.answer, name) end,
  set_headers = function(headers)
    for name, value in pairs(headers) do text.set_header(state.request.answer, name, value) end
  end,
  exit = function(status, body, headers)
    local current = state.request
    local answer = current.answer
    current.status, current.source, current.reply = status, "exit", ""
    for name, value in pairs(headers or {}) do text.set_header(answer, name, value) end
    if type(body) == "table" then
      text.set_header(answer, "Content-Type", "application/json; charset=utf-8")
      current.reply = json.encode(body)
    elseif body ~= nil then
      current.reply = tostring(body)
    elseif py.has_error_page(status) then
      current.error_page = true
    end
    if state.phase == "access" or state.phase == "rewrite" then return yield("exit") end
  end,
  error = function(status, message, headers)
    local accept = request.get_header("accept")
    local content_type, body = text.error_body(accept, message or py.error_message(status), state.request.request_id)
    headers = headers or {}
    headers["Content-Type"] = content_type
    return response.exit(status, body, headers)
  end,
})
only({ body_filter = true }, response, {
  -- Gathers the chunks; nil until the last one, then the whole body (which later plugins see as one chunk).
  get_raw_body = function()
    local arg, current = ngx.arg, state.request
    local chunks = current.chunks
    if arg[1] and arg[1] ~= "" then chunks[#chunks + 1] = arg[1] end
    if not arg[2] then
      arg[1] = nil
      return nil
    end
    arg[1] = table.concat(chunks)
    current.chunks = {}
    return arg[1]
  end,
  set_raw_body = function(body)
    ngx.arg[1] = ngx.arg[2] and body or nil
  end,
})

-- kong.client, kong.router, kong.ctx, kong.log and the rest
kong.client = {
  get_ip = function() return state.request.peer end,
  get_forwarded_ip = function() return state.request.peer end,
  get_port = function() return state.request.peer_port end,
  get_forwarded_port = function() return state.request.peer_port end,
  get_credential = function() return state.request.credential end,
  get_consumer = function() return state.request.consumer end,
  get_protocol = function() return state.request.scheme end,
  authenticate = function(consumer, credential) state.request.consumer, state.request.credential = consumer, credential end,
}
kong.router = {
  get_route = function() return state.request.route end,
  get_service = function() return state.request.service end,
}
kong.ctx = setmetatable({}, {
  __index = function(_, name)
    local current = state.request
    if name == "shared" then return current.shared end
    if name ~= "plugin" then return nil end
    local own = current.own[state.plugin]
    if not own then
      own = {}
      current.own[state.plugin] = own
    end
    return own
  end,
})
kong.log = setmetatable({ inspect = setmetatable({}, { __call = function(_, ...) ngx.log(ngx.DEBUG, ...) end }), set_serialize_value = function() end,
  serialize = function() return {} end }, { __call = function(_, ...) ngx.log(ngx.NOTICE, ...) end })
for _, level in ipairs({ "alert", "crit", "err", "warn", "notice", "info", "debug" }) do
  kong.log[level] = function(...) ngx.log(ngx[level:upper()], ...) end
end
kong.node = { get_id = function() return py.node_id() end, get_hostname = function() return "localhost" end }
kong.plugin = { get_id = function() return state.plugin.id end }
for _, name in ipairs({ "db", "cache", "vault", "ip", "table", "nginx", "worker_events", "dns", "tracing", "telemetry" }) do kong[name] = {} end
return kong
