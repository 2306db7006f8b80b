-- pre-function, header_filter: decides whether the model's answer may be stored, and for how long.
--
-- Runs before proxy-cache's header_filter, which (with cache_control) stores what has max-age > 0 and nothing else.
local lower, find, match, gmatch = string.lower, string.find, string.match, string.gmatch
local get_source = kong.response.get_source

local CLEARED = { "Expires", "X-Cache-Status", "X-Cache-Key", C.header }   -- what the model sent under our names
local KEYED = { ["accept-encoding"] = true }  -- cleared from the request, so the answer cannot depend on it
for _, name in ipairs(C.headers) do KEYED[name] = true end

local function header(name)
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
      if name == "max-age" then own = tonumber(value) else shared = tonumber(value) end
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

local function storable_seconds()       -- or nil and the reason why not
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

return function()
  local request = ngx.ctx.prediction
  if not request or not request.key or get_source() ~= "service" then return end
  local ok, seconds, reason = pcall(storable_seconds)
  if not ok then
    kong.log.err("prediction key: ", seconds)
    seconds, reason = nil, "error"
  end
  request.seconds, request.reason = seconds, reason
  for _, name in ipairs(CLEARED) do ngx.header[name] = nil end
  ngx.header["Cache-Control"] = seconds and "max-age=" .. seconds or "no-store"
end
