-- pre-function of the whole gateway, rewrite: names the model of a request to an entry path for Kong's router, which
-- comes next, in the header C.routing_header: by the secret value that the model's route matches.
--
-- Nobody is authenticated yet, so nothing is answered here and nothing is left behind. A request that names no model
-- stays without the header and so gets to the directory, which answers after authentication (directory.lua).
local get_headers, set_header, clear_header = ngx.req.get_headers, ngx.req.set_header, ngx.req.clear_header
local get_method, read_body = ngx.req.get_method, ngx.req.read_body
local get_body_data, set_body_data = ngx.req.get_body_data, ngx.req.set_body_data
local get_path = kong.request.get_path
local var = ngx.var
local gsub, lower, match, char, min = string.gsub, string.lower, string.match, string.char, math.min

local routed = metric("counter", "inference_edge_routed_total",
  "Requests to the entry paths by the name that they ask for and the model that it led to", { "name", "model", "outcome" })

local function refuse(reason, detail) error({ refused = reason, detail = detail }, 0) end

local function is_json(content_type)    -- in UTF-8: a server may heed another charset, and so read another name
  if content_type == "application/json" then return true end
  local parameters = type(content_type) == "string" and match(lower(content_type), "^application/json%s*(.*)$")
  if not parameters or not find(parameters, "^;") then return parameters == "" end
  return not find(gsub(parameters, 'charset="?utf%-8"?', "", 1), "charset", 1, true)
end

-- The model that a header names. nginx and many servers read x_model as x-model, so neither may hide the other.
local function header_name(headers)
  local value
  for name, sent in pairs(headers) do
    if name == C.header then
      value = sent
    elseif gsub(name, "_", "-") == C.header then
      refuse("header")
    end
  end
  if type(value) == "table" then refuse("header") end
  return value
end

-- The body, or nothing and the reason why it is not looked into.
local function small_body(headers)
  if not is_json(headers["content-type"]) then return nil, "content-type" end
  if var.http_content_encoding then return nil, "content-encoding" end
  local length = tonumber(headers["content-length"])
  if not length then return nil, "length" end
  if length > C.max_body_bytes then return nil, "size" end
  read_body()
  local body = get_body_data()
  if not body and length > 0 then return nil, "buffer" end   -- larger than nginx's own
  return body or ""
end

local function unescaped(escape, digits)
  if escape == "/" then return "/" .. digits end
  if escape == "u" and sub(digits, 1, 2) == "00" and #digits == 4 then return char(tonumber(digits, 16)) end
end

local function place_in(body)
  canonical(body)
  return place_of(body, C.pointer)
end

-- The name in the body and the place of its value, or nothing where there is none.
local function body_name(body)
  local ok, first, last = pcall(place_in, body)
  if not ok then
    local problem = first
    if type(problem) ~= "string" or sub(problem, 1, 3) ~= "pc:" then error(problem, 0) end
    refuse("json", sub(problem, 4))
  end
  if not first then return end
  if byte(body, first) ~= 34 then refuse("not-a-string") end
  local name = sub(body, first + 1, last - 1)
  if find(name, "\\", 1, true) then name = gsub(name, "\\(.)(%x?%x?%x?%x?)", unescaped) end
  return name, first, last
end

-- The key of a caller that speaks as OpenAI's clients do.
local function bearer_of(headers)
  local sent = headers.authorization
  if headers.apikey or type(sent) ~= "string" then return end
  return match(sent, "^[Bb][Ee][Aa][Rr][Ee][Rr] +(%S+)$")
end

local function caller_of(headers, bearer)
  local key = headers.apikey or bearer or headers.authorization or var.remote_addr
  return type(key) == "table" and concat(key, "\n") or key
end

local header_limit = min(90, (tonumber(kong.configuration.lua_max_req_headers) or 100) - 10)  -- the router sees no more

local function route_to_model(headers, bearer)
  if get_method() ~= "POST" then refuse("method", "POST") end
  local by_header = C.header and header_name(headers)
  local body, unread = small_body(headers)
  local name, first, last
  if body then name, first, last = body_name(body) end
  if name and by_header and name ~= by_header then refuse("differs") end
  name = name or by_header or refuse(unread or "missing")
  local versions = C.names[name] or refuse("unknown", name)
  local version, is_fallback = version_of(name, versions, caller_of(headers, bearer))
  local served = version.served_name
  if served and first then
    set_body_data(sub(body, 1, first) .. served .. sub(body, last))   -- nothing else changes, not even the order
  elseif served then
    refuse("served-name")               -- the server would answer with its own default, or say that it knows no such name
  end
  set_header(C.routing_header, C.models[version.model].route)
  if routed then routed:inc(1, { name, version.model, is_fallback and "fallback" or "version" }) end
  return { name = name, model = version.model }
end

local function route()
  local path = get_path()
  local is_entry = C.paths[path]
  if not is_entry and path ~= C.models_path then return end
  local headers, truncated = get_headers(header_limit)
  local bearer = bearer_of(headers)
  local routing, ok = nil, true
  if truncated then
    routing = { refused = "headers" }
  elseif is_entry then
    ok, routing = pcall(route_to_model, headers, bearer)
    if not ok and type(routing) ~= "table" then error(routing, 0) end
  else
    local method = get_method()
    routing = (method == "GET" or method == "HEAD") and { lists = true } or { refused = "method", detail = "GET, HEAD" }
  end
  ngx.ctx.routing = routing
  local asks_for_key
  if routing.model then asks_for_key = C.models[routing.model].keyed else asks_for_key = C.keyed end
  if bearer and asks_for_key then
    clear_header("Authorization")
    set_header("apikey", bearer)
  end
end

return function()
  clear_header(C.routing_header)          -- on any path: a route matches it
  clear_header(C.affinity_header)
  local ok, problem = pcall(route)
  if ok then return end
  kong.log.err("model router: ", problem)
  clear_header(C.routing_header)
  ngx.ctx.routing = { refused = "error" }
end
