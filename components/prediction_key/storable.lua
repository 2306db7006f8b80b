-- storable_seconds(): for how long the model's answer may be stored, or nil and the reason why not.
-- may_be_stale(): whether the model lets an answer be served after that (RFC 9111 section 4.2.4; s-maxage forbids it, too).
local lower, find, match, gmatch, gsub = string.lower, string.find, string.match, string.gmatch, string.gsub
local var = ngx.var

local KEYED = { ["accept-encoding"] = true }  -- cleared from the request, so the answer cannot depend on it
for _, name in ipairs(C.headers) do KEYED[name] = true end

local function header(name)              -- as the model sent it; other plugins have added theirs before our store looks
  if C.store then return var["upstream_http_" .. gsub(lower(name), "-", "_")] end
  local value = ngx.header[name]
  if type(value) == "table" then return table.concat(value, ",") end
  return value
end

local function lifetime_of_origin()     -- seconds; nil: the origin says nothing; false: it forbids storing
  local shared, own
  for directive in gmatch(lower(header("Cache-Control") or ""), "[^,]+") do
    local name, value = match(directive, "^%s*([%w-]+)%s*=?%s*(.-)%s*$")
    if name == "no-store" or name == "no-cache" or name == "private" then return false end
    if name == "max-age" or name == "s-maxage" then
      value = match(value, "^%d+$")     -- proxy-cache fails on max-age="60"
      if not value then return false end
      local known = name == "max-age" and own or name == "s-maxage" and shared
      local least = math.min(known or math.huge, tonumber(value))
      if name == "max-age" then own = least else shared = least end
    end
  end
  if header("Pragma") and find(lower(header("Pragma")), "no-cache", 1, true) then return false end
  local lifetime = shared or own
  if not lifetime and header("Expires") then
    local at = ngx.parse_http_time(header("Expires"))
    if not at then return false end
    lifetime = at - ngx.time()
  end
  local age = header("Age") or "0"
  if not find(age, "^%d+$") then return false end
  return lifetime and lifetime - tonumber(age)
end

local function may_be_stale()
  local directives = lower(header("Cache-Control") or "")
  return not (find(directives, "revalidate", 1, true) or find(directives, "s-maxage", 1, true))
end

local function storable()
  if not C.response_codes[ngx.status] then return nil, "status" end
  if header("Set-Cookie") then return nil, "set-cookie" end
  if not C.content_types[header("Content-Type") or ""] then return nil, "content-type" end
  if header("Content-Encoding") then return nil, "content-encoding" end
  local length = tonumber(header("Content-Length"))   -- without it a cut-off answer could not be told from a whole one
  if not length then return nil, "length" end
  if length > C.max_response_bytes then return nil, "size" end
  for name in gmatch(lower(header("Vary") or ""), "[^%s,]+") do
    if not KEYED[name] then return nil, "vary" end
  end
  local lifetime = lifetime_of_origin()
  if lifetime == nil then return C.ttl_seconds end
  if lifetime == false or lifetime < 1 then return nil, "origin" end
  return math.min(C.ttl_seconds, lifetime)
end

local function storable_seconds()
  local ok, seconds, reason = pcall(storable)
  if ok then return seconds, reason end
  kong.log.err("prediction key: ", seconds)
  return nil, "error"
end
