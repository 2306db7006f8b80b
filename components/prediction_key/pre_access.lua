-- pre-function, access: gives the request its key, or sends it past the cache with a named reason.
--
-- Runs before authentication (priority 1000000), so an unauthenticated caller must not be able to leave anything
-- behind: the dictionary is written only once an answer was stored or served (post_body_filter.lua), except for a
-- flight's lead, which is bound to the caller's own credential and removed when the request ends.
-- ngx.* is used instead of the PDK wherever both do the same: each PDK call checks its phase first.
local get_headers, set_header, clear_header = ngx.req.get_headers, ngx.req.set_header, ngx.req.clear_header
local get_method, read_body = ngx.req.get_method, ngx.req.read_body
local get_body_data, get_body_file = ngx.req.get_body_data, ngx.req.get_body_file
local get_service = kong.router.get_service
local hmac_sha1, encode_base64 = ngx.hmac_sha1, ngx.encode_base64
local time, sleep = ngx.time, ngx.sleep
local gsub, lower, max, min = string.gsub, string.lower, math.max, math.min
local dictionary = ngx.shared[C.dictionary]

local take_input, refuse_malformed = C.take_input, C.refuse_malformed   -- of get_twin.lua, where a model has it
local may_share, let_in = C.may_share, C.let_in   -- of shareable.lua, likewise
local has_ambiguous_header = C.has_ambiguous_header

-- Length-prefixed and numbered, so that no value can pass for another (no separator injection).
local function frame(parts, last)
  local out, n = {}, 0
  for i = 1, last do
    local part = parts[i]
    if part then
      out[n + 1], out[n + 2], out[n + 3] = i, #part, part
      n = n + 3
    end
  end
  return concat(out, ":", 1, n)
end

-- What a request header means: the place of a part of the key, the reason to bypass, or false: nothing.
local RULE = {
  ["user-agent"] = false, ["content-length"] = false, connection = false, ["accept-encoding"] = false,
  ["accept-language"] = false, origin = false, referer = false, via = false, traceparent = false,
  ["x-forwarded-for"] = false, ["x-forwarded-proto"] = false, ["x-request-id"] = false,
  authorization = "authorization", ["proxy-authorization"] = "authorization", cookie = "cookie",
  ["content-encoding"] = "content-encoding", range = "range", pragma = "client", ["cache-control"] = "client",
  ["x-http-method-override"] = "method", ["x-http-method"] = "method", ["x-method-override"] = "method",
  apikey = "authorization", ["x-api-key"] = "authorization", ["api-key"] = "authorization",
  ["x-auth-token"] = "authorization",
  ["x-goog-api-key"] = "authorization", ["x-amz-security-token"] = "authorization",
  ["ocp-apim-subscription-key"] = "authorization",   -- the usual names; keyed where they are the model's own
  ["x-amzn-sagemaker-session-id"] = "session", ["kong-debug"] = "debug", [lower(C.header)] = "spoofed",
}
for i, name in ipairs(C.headers) do RULE[name] = FIRST_HEADER + i - 1 end
if C.credential_header then RULE[C.credential_header] = CREDENTIAL end
if may_share then RULE.origin, RULE["x-model-version"] = RULE.origin or ORIGIN, TOKEN end
local CHANGES_ANSWER = { header = true, session = true, method = true }
local CONTENT_TYPE = RULE["content-type"]

local function one(value)               -- a header sent several times; no value can hold a line feed
  if type(value) == "table" then return concat(value, "\n") end
  return value
end

-- Fills `parts` from the headers; returns the reason to bypass, if any, and whether internal names were sent.
local function read_headers(headers, parts)
  local reason, tainted
  for name, value in pairs(headers) do
    local rule = RULE[name]
    if rule == false then               -- the usual case, before the costly look at unknown names
    elseif rule == nil then
      if find(name, "_", 1, true) and RULE[gsub(name, "_", "-")] then
        reason, tainted = "header", true   -- nginx and many servers read cache_control as cache-control
      elseif sub(name, 1, 17) == "x-amzn-sagemaker-" then
        reason = "header"
      end
    elseif type(rule) == "number" then
      parts[rule] = one(value)
    elseif rule == "debug" or rule == "spoofed" then
      tainted = true
    elseif name ~= "cache-control" or not find(one(value), "^max%-age=[1-9]%d?%d?%d?%d?%d?%d?$") then
      reason = rule                      -- of Cache-Control just a plain max-age is left to proxy-cache
    end
  end
  return reason, tainted
end

local function clear_internal(headers)
  for name in pairs(headers) do
    local rule = RULE[gsub(name, "_", "-")]
    if rule == "debug" or rule == "spoofed" or rule == "client" and find(name, "_", 1, true) then clear_header(name) end
  end
end

local last_service, endpoint            -- the router hands out the same table until the service changes
local function endpoint_of(service)
  if service ~= last_service then
    local path = type(service.path) == "string" and service.path or "/"
    endpoint = service.protocol .. "://" .. service.host .. ":" .. service.port .. path
    last_service = service
  end
  return endpoint
end

local function is_json(content_type)
  if content_type == "application/json" then return true end
  return content_type and find(lower(content_type), "^application/json%s*;") ~= nil
end

local header_limit = min(90, (tonumber(kong.configuration.lua_max_req_headers) or 100) - 10)  -- later plugins add some

-- Returns the key, or nil and the reason to bypass; names the memo and the flight in `request`.
local function find_key(request)
  if get_method() ~= "POST" then return nil, "method" end
  local headers, truncated = get_headers(header_limit)
  if truncated then
    request.unshared = may_share and request.twin and ngx.var.http_x_model_version   -- whatever the others are
    return nil, "headers"
  end
  -- The whole request line, as in proxy-cache's own key: an HTTP/2 client shares nothing with an HTTP/1.1 client.
  local parts = { C.model, C.version, C.generation, C.rules, false, request.target or ngx.var.request, false }
  for i = FIRST_HEADER, CREDENTIAL do parts[i] = false end
  local reason, tainted = read_headers(headers, parts)
  if tainted then clear_internal(headers) end
  if let_in and request.twin then let_in(parts) end
  local is_shared = may_share and request.twin and parts[TOKEN]
  if is_shared and has_ambiguous_header(parts) then reason = "header" end
  if reason then
    -- A shared cache asks: it may give this one answer to all who ask at once, whatever its Cache-Control says.
    request.unshared = is_shared and CHANGES_ANSWER[reason]
    return nil, reason
  end
  if not is_json(parts[CONTENT_TYPE]) then return nil, "content-type" end
  local service = get_service()
  if not service then return nil, "service" end
  parts[ENDPOINT] = endpoint_of(service)
  if may_share and request.twin then request.public = may_share(parts) end

  local length = tonumber(headers["content-length"])   -- before authentication, nothing large may reach the disk
  if not length then return nil, "length" end
  if length > C.max_body_bytes then return nil, "size" end
  read_body()
  local body = get_body_data()
  if not body then return nil, get_body_file() and "spilled" or "empty" end
  parts[BODY] = hmac_sha1(C.secret, body)

  local memo = "m:" .. frame(parts, CREDENTIAL)   -- these very bytes, asked of this very endpoint, by this caller
  request.memo = memo
  local key, stored_until = dictionary:get(memo)
  if not key then
    parts[BODY] = hmac_sha1(C.secret, canonical(body))
    key = encode_base64(hmac_sha1(C.secret, frame(parts, LAST)))
  end
  request.fresh = stored_until and stored_until > time()
  request.flight = "f:" .. key .. (parts[CREDENTIAL] or "")
  return key
end

-- One request a key and caller goes to the model; the others wait until its answer is stored, or was not to be stored.
local function join_flight(request)
  local flight, waited, step = request.flight, 0, nil
  while waited < C.lease_seconds do
    local state = dictionary:get(flight)
    if state == "stored" or state == "pass" then return end
    if not state and dictionary:add(flight, "lead", C.lease_seconds) then
      request.leads = true
      return
    end
    step = max(0.005, min(0.25, waited / 10))
    sleep(step)
    waited = waited + step
    request.collapsed = true
  end
end

return function()
  local request = {}
  ngx.ctx.prediction = request
  if take_input and get_method() == "GET" then take_input(request) end
  local ok, key, reason = pcall(find_key, request)
  if ok and key then
    request.key = key
    set_header(C.header, key)           -- replaces whatever the client sent
    if not request.fresh then join_flight(request) end
    return
  end
  if not ok then
    reason = type(key) == "string" and sub(key, 1, 3) == "pc:" and sub(key, 4) or "error"
    if reason == "error" then kong.log.err("prediction key: ", key) end
    if request.twin then refuse_malformed(request.input, reason) end
  end
  if request.unshared then return C.refuse_unshared() end
  request.bypass = reason
  clear_header(C.header)
  clear_header("Cache_Control")         -- nginx joins both spellings
  set_header("Cache-Control", "no-store")   -- the only way past proxy-cache's look-up; needs its cache_control
end
