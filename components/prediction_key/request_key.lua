-- key_of(request): the key of this request, or nothing, and the reason to send it past the cache in request.bypass.
--
-- ngx.* is used instead of the PDK wherever both do the same: each PDK call checks its phase first.
local get_headers, set_header, clear_header = ngx.req.get_headers, ngx.req.set_header, ngx.req.clear_header
local get_method, read_body = ngx.req.get_method, ngx.req.read_body
local get_body_data, get_body_file = ngx.req.get_body_data, ngx.req.get_body_file
local get_service = kong.router.get_service
local var = ngx.var
local hmac_sha1 = ngx.hmac_sha1
local gsub, lower, match, min = string.gsub, string.lower, string.match, math.min
local dictionary = ngx.shared[C.dictionary]

local take_input, refuse_malformed = C.take_input, C.refuse_malformed   -- of get_twin.lua, where a model has it
local may_share, let_in = C.may_share, C.let_in   -- of shareable.lua, likewise
local has_ambiguous_header = C.has_ambiguous_header
local own_store = C.store ~= nil
local get_consumer = own_store and kong.client.get_consumer
local KEYED = own_store and CALLER or LAST

-- Length-prefixed and numbered, so that no value can pass for another (no separator injection). Nothing yields in here,
-- so one table serves all: a table that grows with each request is slow, and so is writing the same numbers again.
local places, lengths, out = {}, {}, {}
for i = 1, CALLER do places[i] = (i > 1 and ":" or "") .. i .. ":" end
local function add(n, i, part)
  local length = lengths[#part]
  if not length then
    length = #part .. ":"
    lengths[#part] = length
  end
  out[n + 1], out[n + 2], out[n + 3] = places[i], length, part
  return n + 3
end

local fixed = 0
for i, part in ipairs({ C.model, C.version, C.generation, C.rules }) do fixed = add(fixed, i, part) end
out[1], fixed = concat(out, "", 1, fixed), 1

local function frame(parts, last)
  local n = fixed
  for i = ENDPOINT, last do
    if parts[i] then n = add(n, i, parts[i]) end
  end
  return concat(out, "", 1, n)
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
if C.credential_header and not own_store then RULE[C.credential_header] = CALLER end   -- hidden once it is checked
if may_share then RULE.origin, RULE["x-model-version"] = RULE.origin or ORIGIN, TOKEN end
local CHANGES_ANSWER = { header = true, session = true, method = true }
local CONTENT_TYPE = RULE["content-type"]

local function one(value)               -- a header sent several times; no value can hold a line feed
  if type(value) == "table" then return concat(value, "\n") end
  return value
end

-- Fills `parts` from the headers; returns the reason to bypass, if any, and whether internal names were sent.
local function read_headers(headers, parts, request)
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
      reason = rule
    else                                 -- of Cache-Control just a plain max-age is heeded, by proxy-cache or our store
      request.max_age = tonumber(sub(one(value), 9))
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

local function target_of(request)
  -- The whole request line, as in proxy-cache's own key: an HTTP/2 client shares nothing with an HTTP/1.1 client there.
  if not own_store then return request.target or var.request end
  return request.twin and match(var.request_uri, "^[^?]*") or var.request_uri
end

local function is_json(content_type)
  if content_type == "application/json" then return true end
  return content_type and find(lower(content_type), "^application/json%s*;") ~= nil
end

local header_limit = min(90, (tonumber(kong.configuration.lua_max_req_headers) or 100) - 10)  -- later plugins add some

local MAX_MEMO_BYTES = 2048             -- the dictionary is for answers: a caller can have many spellings
-- Returns the key; names the memo and the flight in `request`.
local function name_key(parts, body, request)
  parts[BODY] = hmac_sha1(C.secret, body)
  local memo = "m:" .. frame(parts, CALLER)   -- these very bytes, asked of this very endpoint, by this caller
  request.memo = (not own_store or #memo <= MAX_MEMO_BYTES) and memo
  local key, stored_until
  if request.memo then key, stored_until = dictionary:get(memo) end
  if key then
    request.known_until = stored_until
  else
    -- The answers to one question can be found (and purged) by its digest alone, whoever asked.
    local input = hmac_sha1(C.secret, canonical(body))
    parts[BODY] = input
    key = base64url(hmac_sha1(C.secret, frame(parts, KEYED)))
    if own_store then key = base64url(input) .. "." .. key end
    request.is_new_spelling = request.memo ~= false
  end
  request.flight = "f:" .. key .. (not own_store and parts[CALLER] or "")
  return key
end

-- Returns the key, or nil and the reason to bypass.
local function find_key(request)
  if get_method() ~= "POST" then return nil, "method" end
  local headers, truncated = get_headers(header_limit)
  if truncated then
    request.unshared = may_share and request.twin and var.http_x_model_version   -- whatever the others are
    return nil, "headers"
  end
  local parts = new_parts(target_of(request))
  local reason, tainted = read_headers(headers, parts, request)
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
  parts[ENDPOINT] = C.model_endpoint or endpoint_of(service)   -- of a sharded model the service has the nodes
  if may_share and request.twin then request.public = may_share(parts) end

  local length = tonumber(headers["content-length"])   -- before authentication, nothing large may reach the disk
  if not length then return nil, "length" end
  if length > C.max_body_bytes then return nil, "size" end
  read_body()
  local body = get_body_data()
  if not body then return nil, get_body_file() and "spilled" or "empty" end
  if own_store then
    local consumer = get_consumer()
    parts[CALLER] = consumer and consumer.id or false
  end
  return name_key(parts, body, request)
end

local function key_of(request)
  if take_input and get_method() == "GET" then take_input(request) end
  local ok, key, reason = pcall(find_key, request)
  if ok and key and C.is_off and C.is_off() then   -- not before: who is refused, or let in, is the same
    key, reason, request.public = nil, "mismatch", nil
  end
  if ok and key then return key end
  if not ok then
    reason = type(key) == "string" and sub(key, 1, 3) == "pc:" and sub(key, 4) or "error"
    if reason == "error" then kong.log.err("prediction key: ", key) end
    if request.twin then refuse_malformed(request.input, reason) end
  end
  if request.unshared then return C.refuse_unshared() end
  request.bypass = reason
end
