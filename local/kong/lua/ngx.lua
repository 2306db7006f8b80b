-- The `ngx` table of lua-nginx-module, as far as a plugin on one HTTP request needs it.
-- state.request is the current request; py holds the functions that Python gives (digests, regular expressions, the clock).
local state, py, text, null, dicts, await = ...
local lower, gsub, sub, find, match, format = string.lower, string.gsub, string.sub, string.find, string.match, string.format
local yield, concat = coroutine.yield, table.concat
local headers_limit = 100
local ngx = { null = null, shared = dicts, arg = {}, config = { nginx_version = 1025003, subsystem = "http" } }

for level, name in ipairs({ "EMERG", "ALERT", "CRIT", "ERR", "WARN", "NOTICE", "INFO", "DEBUG" }) do ngx[name] = level end
ngx.STDERR, ngx.OK, ngx.ERROR, ngx.AGAIN, ngx.DONE, ngx.DECLINED = 0, 0, -1, -2, -4, -5
for name, status in pairs({ OK = 200, CREATED = 201, ACCEPTED = 202, NO_CONTENT = 204, MOVED_PERMANENTLY = 301, MOVED_TEMPORARILY = 302,
  NOT_MODIFIED = 304, BAD_REQUEST = 400, UNAUTHORIZED = 401, FORBIDDEN = 403, NOT_FOUND = 404, NOT_ALLOWED = 405, CONFLICT = 409,
  TOO_MANY_REQUESTS = 429, INTERNAL_SERVER_ERROR = 500, BAD_GATEWAY = 502, SERVICE_UNAVAILABLE = 503, GATEWAY_TIMEOUT = 504 }) do
  ngx["HTTP_" .. name] = status
end
for _, name in ipairs({ "GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH" }) do ngx["HTTP_" .. name] = name end

function ngx.now() return state.now end
function ngx.time() return math.floor(state.now) end
function ngx.update_time() state.now = py.now() end
function ngx.today() return os.date("!%Y-%m-%d", state.now) end
function ngx.sleep(seconds) await("sleep", seconds) end
function ngx.get_phase() return state.phase end
function ngx.log(level, ...)
  local parts = { ... }
  for i = 1, select("#", ...) do parts[i] = tostring(parts[i]) end
  py.log(level, concat(parts))
end
function ngx.print() error("ngx.print: not supported here, use kong.response.exit", 2) end
ngx.say, ngx.redirect, ngx.flush, ngx.eof, ngx.exec = ngx.print, ngx.print, ngx.print, ngx.print, ngx.print
function ngx.exit(status)
  if status < 100 then return yield("return") end
  state.request.status = status
  return yield("exit")
end
function ngx.on_abort() return true end

ngx.md5, ngx.md5_bin, ngx.sha1_bin, ngx.hmac_sha1 = py.md5, py.md5_bin, py.sha1_bin, py.hmac_sha1
ngx.crc32_long, ngx.crc32_short = py.crc32, py.crc32
ngx.encode_base64, ngx.decode_base64 = py.encode_base64, py.decode_base64
ngx.parse_http_time, ngx.http_time, ngx.cookie_time = py.parse_http_time, py.http_time, py.http_time
ngx.escape_uri, ngx.unescape_uri = text.escape, text.unescape
ngx.encode_args, ngx.decode_args = text.encode_args, text.decode_args
ngx.worker = { id = function() return 0 end, pid = py.pid, count = function() return 1 end, exiting = function() return false end }
ngx.process = { type = function() return "worker" end }
local function unsupported() return nil, "not supported here" end
ngx.timer = { every = unsupported }
ngx.socket = { udp = unsupported, connect = unsupported }
ngx.location = { capture = unsupported, capture_multi = unsupported }

-- Regular expressions: py.re_find(subject, regex, options, from) gives first, last and the groups (false: not matched).
local function re_captures(subject, regex, options, from)
  local found = { py.re_find(subject, regex, options or "", from or 1) }
  if not found[1] then return nil, nil, found[2] end
  local groups = { [0] = sub(subject, found[1], found[2]) }
  for i = 3, #found do groups[i - 2] = found[i] end
  return groups, found
end
ngx.re = {}
function ngx.re.match(subject, regex, options, context, into)
  local groups, found, err = re_captures(subject, regex, options, context and context.pos)
  if not groups then return nil, err end
  if context then context.pos = found[2] + 1 end
  if into then
    for key, value in pairs(groups) do into[key] = value end
    return into
  end
  return groups
end
function ngx.re.find(subject, regex, options, context, group)
  local first, last, err = py.re_find(subject, regex, options or "", context and context.pos or 1)
  if not first then return nil, nil, err end
  if context then context.pos = last + 1 end
  return first, last
end
function ngx.re.gmatch(subject, regex, options)
  local pos = 1
  local function following()
    if pos > #subject + 1 then return nil end
    local groups, found, err = re_captures(subject, regex, options, pos)
    if not groups then pos = #subject + 2 return nil, err end
    pos = math.max(found[2], found[1]) + 1
    return groups
  end
  return setmetatable({}, { __call = following })
end
local function substitute(subject, regex, replacement, options, once)
  local out, pos, count = {}, 1, 0
  while pos <= #subject + 1 and not (once and count == 1) do
    local groups, found, err = re_captures(subject, regex, options, pos)
    if err then return nil, nil, err end
    if not groups then break end
    count = count + 1
    out[#out + 1] = sub(subject, pos, found[1] - 1)
    if type(replacement) == "function" then
      out[#out + 1] = replacement(groups) or ""
    else
      out[#out + 1] = gsub(replacement, "%$([%d$&{}]+)", function(name)
        local index = tonumber((gsub(name, "[{}]", "")))
        return name == "$" and "$" or name == "&" and groups[0] or index and groups[index] or ""
      end)
    end
    if found[2] < found[1] then out[#out + 1] = sub(subject, found[1], found[1]) end
    pos = math.max(found[2], found[1]) + 1
  end
  return concat(out) .. sub(subject, pos), count
end
function ngx.re.sub(subject, regex, replacement, options) return substitute(subject, regex, replacement, options, true) end
function ngx.re.gsub(subject, regex, replacement, options) return substitute(subject, regex, replacement, options, false) end

local req = {}
ngx.req = req
function req.get_headers(max, raw) return text.header_table(state.request.headers, max or headers_limit, raw) end
function req.set_header(name, value) text.set_header(state.request.headers, name, value) end
function req.clear_header(name) text.clear_header(state.request.headers, name) end
function req.add_header(name, value) text.add_header(state.request.headers, name, value) end
function req.get_method() return state.request.method end
function req.set_method(method) state.request.method = method end
function req.get_uri_args(max) return text.decode_args(state.request.args, max) end
function req.set_uri_args(args) state.request.args = type(args) == "table" and text.encode_args(args) or args end
function req.set_uri(uri) state.request.upstream_path = uri end
function req.start_time() return state.request.started end
function req.http_version() return tonumber(match(state.request.version, "[%d.]+")) end
function req.raw_header() return state.request.line .. "\r\n" .. gsub(gsub(state.request.block, "\n([^\n]*)\n", ": %1\r\n"), "$", "\r\n") end
function req.is_internal() return false end
function req.read_body() state.request.body_read = true end
function req.discard_body() end
local function body_of(request)
  if request.body == nil then request.body = py.body(request.id) end
  return request.body
end
function req.get_body_data()
  local request = state.request
  if not request.body_read or request.spilled then return nil end
  local body = body_of(request)
  if body == "" then return nil end
  return body
end
function req.get_body_file()
  local request = state.request
  if request.body_read and request.spilled then return py.body_file(request.id) end
  return nil
end
function req.set_body_data(data)
  local request = state.request
  request.body, request.body_changed, request.body_read, request.spilled = data, true, true, false
  text.set_header(request.headers, "Content-Length", tostring(#data))
end
function req.get_post_args(max) return text.decode_args(req.get_body_data(), max) end

ngx.resp = {}
function ngx.resp.get_headers(max, raw) return text.header_table(state.request.answer, max or headers_limit, raw) end
function ngx.resp.add_header(name, value) text.add_header(state.request.answer, name, value) end

ngx.header = setmetatable({}, {
  __index = function(_, name) return text.get_header(state.request.answer, (gsub(name, "_", "-"))) end,
  __newindex = function(_, name, value) text.set_header(state.request.answer, (gsub(name, "_", "-")), value) end,
})

-- nginx matches `-` and `_` alike in $http_ names and joins several values.
local function merged(list, name)
  local values = {}
  for i = 1, list.n do
    if gsub(list.lower[i], "-", "_") == name then values[#values + 1] = list.values[i] end
  end
  if #values > 0 then return concat(values, ", ") end
end

local VARIABLES = {
  request = function(r) return r.line end,
  request_method = function(r) return r.method end,
  request_uri = function(r) return r.target end,
  uri = function(r) return text.unescape((gsub(r.path, "+", "%%2B"))) end,
  args = function(r) return r.args ~= "" and r.args or nil end,
  scheme = function(r) return r.scheme end,
  host = function(r) return r.host end,
  server_port = function(r) return tostring(r.server_port) end,
  server_addr = function() return "127.0.0.1" end,
  server_protocol = function(r) return r.version end,
  remote_addr = function(r) return r.peer end,
  remote_port = function(r) return tostring(r.peer_port) end,
  request_body = function(r) return not r.spilled and body_of(r) or nil end,
  request_id = function(r) return r.request_id end,
  status = function(r) return tostring(r.status) end,
  upstream_uri = function(r) return r.upstream_path or r.default_path end,
  upstream_host = function(r) return r.upstream_host end,
  pid = function() return tostring(py.pid()) end,
}
VARIABLES.query_string, VARIABLES.document_uri, VARIABLES.realip_remote_addr = VARIABLES.args, VARIABLES.uri, VARIABLES.remote_addr
VARIABLES.kong_request_id = VARIABLES.request_id
for _, name in ipairs({ "addr", "status", "header_time", "response_time" }) do
  VARIABLES["upstream_" .. name] = function(r) return py.upstream_variable(r.id, name, state.phase == "log") end
end
local PREFIXES = {
  { "^http_(.+)", function(r, name) return merged(r.headers, name) end },
  { "^sent_http_(.+)", function(r, name) return merged(r.answer, name) end },
  { "^upstream_http_(.+)", function(r, name) return r.upstream_headers and merged(r.upstream_headers, name) end },
  { "^arg_(.+)", function(r, name) return text.decode_args(r.args)[name] end },
}
ngx.var = setmetatable({}, {
  __index = function(_, name)
    local request = state.request
    local getter = VARIABLES[name]
    if getter then return getter(request) end
    for i = 1, #PREFIXES do
      local rest = match(name, PREFIXES[i][1])
      if rest then return PREFIXES[i][2](request, lower(rest)) end
    end
    if name == "content_type" or name == "content_length" then return merged(request.headers, name) end
    return request.variables[name]
  end,
  __newindex = function(_, name, value)
    local request = state.request
    if name == "args" then request.args = value or ""
    elseif name == "upstream_uri" then request.upstream_path = value
    elseif name == "upstream_host" then request.upstream_host = value
    else request.variables[name] = value end
  end,
})

return setmetatable(ngx, {
  __index = function(_, name)
    if name == "ctx" then return state.request.ctx end
    if name == "status" then return state.request.status end
    if name == "headers_sent" then return state.phase == "body_filter" or state.phase == "log" end
  end,
  __newindex = function(self, name, value)
    if name == "ctx" then state.request.ctx = value
    elseif name == "status" then state.request.status = value
    else rawset(self, name, value) end
  end,
}), body_of
