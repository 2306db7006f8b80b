-- proxy-cache with the memory strategy. The request body is no part of its key; that is Kong's behaviour, not an omission here.
local kong, ngx, py, text, json = ...
local lower, gsub, match, concat = string.lower, string.gsub, string.match, table.concat
local CACHE_VERSION = 1
local NOT_STORED = { connection = true, ["keep-alive"] = true, ["proxy-authenticate"] = true, ["proxy-authorization"] = true, te = true,
  trailers = true, ["transfer-encoding"] = true, upgrade = true, ["content-length"] = true }

-- A directive's value: a number where it looks like one, else text, else true.
local function directives(header)
  local found = {}
  for part in string.gmatch(header or "", "[^,]+") do
    local name, value = match(part, "^%s*([^=]+)=(.+)$")
    name = name or match(part, "^%s*([^=]+)")
    if name then found[lower(name)] = tonumber(value) or value or true end
  end
  return found
end

local function contains(list, wanted)
  for i = 1, #list do
    if list[i] == wanted then return true end
  end
  return false
end

local function mime(value)
  local kind, subtype, rest = match(value, "^%s*([^/%s;]+)/([^;%s]+)%s*(.*)$")
  local parameters, count = {}, 0
  for name, parameter in string.gmatch(rest or "", ";%s*([^=;%s]+)=([^;]*)") do
    parameters[name], count = gsub(parameter, "%s+$", ""), count + 1
  end
  return kind and lower(kind), subtype and lower(subtype), parameters, count
end

-- Parameters must agree in number and value, even with a wildcard.
local function mime_matches(value, expected)
  local kind, subtype, parameters, count = mime(value)
  local wanted_kind, wanted_subtype, wanted, wanted_count = mime(expected)
  if not kind or count ~= wanted_count then return false end
  if wanted_kind ~= "*" and wanted_kind ~= kind or wanted_subtype ~= "*" and wanted_subtype ~= subtype then return false end
  for name, parameter in pairs(wanted) do
    if parameters[name] ~= parameter then return false end
  end
  return true
end

local function freshness_seconds(control)
  local age = control["s-maxage"] or control["max-age"]
  if not age then
    local expires = ngx.var.sent_http_expires
    local time = expires and ngx.parse_http_time(expires)
    age = time and time - ngx.time()
  end
  return age and math.max(age, 0) or 0
end

local function cacheable_request(config, control)
  if not contains(config.request_method, kong.request.get_method()) then return false end
  return not (config.cache_control and (control["no-store"] or control["no-cache"]))
end

local function cacheable_response(config, control)
  if not contains(config.response_code, kong.response.get_status()) then return false end
  local content_type = ngx.var.sent_http_content_type
  if not content_type or content_type == "" then return false end
  local listed = false
  for _, expected in ipairs(config.content_type) do listed = listed or mime_matches(content_type, expected) end
  if not listed then return false end
  if not config.cache_control then return true end
  return not (control.private or control["no-store"] or control["no-cache"]) and freshness_seconds(control) > 0
end

-- name=value of the fields in this order; values of one field are sorted, and nothing is escaped, as in Kong.
local function key_part(values, fields)
  local parts = {}
  for _, field in ipairs(fields) do
    local value = values[field]
    if type(value) == "table" then
      table.sort(value)
      parts[#parts + 1] = field .. "=" .. concat(value, ",")
    elseif value == true then
      parts[#parts + 1] = field
    elseif value then
      parts[#parts + 1] = field .. "=" .. tostring(value)
    end
  end
  return concat(parts, ":")
end

local function cache_key(config)
  local consumer, route = kong.client.get_consumer(), kong.router.get_route()
  local uri = gsub(ngx.var.request, "%?.*", "")
  if config.ignore_uri_case then uri = lower(uri) end
  local query, fields = kong.request.get_query(), config.vary_query_params
  if not fields or not fields[1] then
    fields = {}
    for name in pairs(query) do fields[#fields + 1] = name end
    table.sort(fields)
  end
  local headers = config.vary_headers and config.vary_headers[1] and key_part(kong.request.get_headers(), config.vary_headers) or ""
  local owner = route and (consumer and consumer.id .. ":" .. route.id or route.id) or "default"
  return py.sha256_hex(concat({ owner, kong.request.get_method(), uri, key_part(query, fields), headers }, "|"))
end

local function shows(config, name) return ngx.var.http_kong_debug or config.response_headers[name] end
local function tell(config, name, value)
  if shows(config, name) then kong.response.set_header(name, value) end
end

local function store_later(config, key, status)
  kong.ctx.plugin.pending = { key = key }
  tell(config, "X-Cache-Status", status or "Miss")
end

local function stale(config, control, entry)
  local age = ngx.time() - entry.timestamp
  if not config.cache_control then return age > config.cache_ttl end
  return control["max-age"] and age > control["max-age"]
    or control["max-stale"] and age - entry.ttl > control["max-stale"]
    or control["min-fresh"] and entry.ttl - age < control["min-fresh"]
end

local function serve(config, key, entry)
  kong.ctx.shared.proxy_cache_hit = { res = entry, req = { body = entry.req_body }, server_addr = ngx.var.server_addr }
  ngx.ctx.KONG_PROXIED = true
  local headers = {}
  for name, value in pairs(entry.headers) do
    local plain = lower(name)
    if not NOT_STORED[plain] and not plain:find("ratelimit-remaining", 1, true) then headers[name] = value end
  end
  headers.Age, headers["X-Cache-Status"], headers["X-Cache-Key"] = nil, nil, nil
  if shows(config, "age") then headers.age = math.floor(ngx.time() - entry.timestamp) end
  if shows(config, "X-Cache-Status") then headers["X-Cache-Status"] = "Hit" end
  if shows(config, "X-Cache-Key") then headers["X-Cache-Key"] = key end
  return kong.response.exit(entry.status, entry.body, headers)
end

local handler = {}
function handler.access(config)
  local control = directives(ngx.var.http_cache_control)
  if not cacheable_request(config, control) then return tell(config, "X-Cache-Status", "Bypass") end
  local key = cache_key(config)
  tell(config, "X-Cache-Key", key)
  local dict = ngx.shared[config.memory.dictionary_name]
  local stored = dict:get(key)
  if not stored then
    if config.cache_control and control["only-if-cached"] then return kong.response.exit(504) end
    kong.ctx.plugin.req_body = kong.request.get_raw_body()
    return store_later(config, key)
  end
  local entry = json.decode(stored)
  if entry.version ~= CACHE_VERSION then
    dict:delete(key)
    return store_later(config, key, "Bypass")
  end
  if stale(config, control, entry) then return store_later(config, key, "Refresh") end
  return serve(config, key, entry)
end

function handler.header_filter(config)
  local pending = kong.ctx.plugin.pending
  if not pending then return end
  local control = directives(ngx.var.sent_http_cache_control)
  if cacheable_response(config, control) then
    pending.headers = ngx.resp.get_headers(0, true)
    pending.ttl = config.cache_control and freshness_seconds(control) or config.cache_ttl
  else
    tell(config, "X-Cache-Status", "Bypass")
    kong.ctx.plugin.pending = nil
  end
end

function handler.body_filter(config)
  local pending = kong.ctx.plugin.pending
  if not pending then return end
  local body = kong.response.get_raw_body()
  if not body then return end
  local entry = { status = kong.response.get_status(), headers = pending.headers, body = body, body_len = #body, timestamp = ngx.time(),
    ttl = pending.ttl, version = CACHE_VERSION, req_body = kong.ctx.plugin.req_body }
  local seconds = config.storage_ttl or config.cache_control and pending.ttl or config.cache_ttl
  local ok, err = ngx.shared[config.memory.dictionary_name]:set(pending.key, json.encode(entry), seconds)
  if not ok then kong.log(err) end
end

return { ["proxy-cache"] = handler }
