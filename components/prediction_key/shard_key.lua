-- key_of(request) of a shard: the key that came with the question, or nothing, and the reason to send it past the cache.
--
-- The key is bound to this shard's version, rules and endpoint (request.stamp): while a rollout is on its way, the two
-- ends may be of different versions, and nothing is kept then under a name that two ends of one version look up.
local get_service = kong.router.get_service
local set_method, clear_header, POST = ngx.req.set_method, ngx.req.clear_header, ngx.HTTP_POST
local hmac_sha1 = ngx.hmac_sha1
local match, lower, min = string.match, string.lower, math.min
local var = ngx.var
local dictionary = ngx.shared[C.dictionary]

local DIGEST = string.rep("[%w_-]", 27)
local KEY, BYPASS = "^(" .. DIGEST .. ")%." .. DIGEST .. "$", "^bypass%.([%l-]+)%."
local SENT = "http_" .. lower(C.header)

local function digest_of(text) return base64url(hmac_sha1(C.secret, text)) end

local stamped, stamp                     -- an endpoint, and its stamp: the same for request after request
local function stamp_of(endpoint)
  if endpoint ~= stamped then stamped, stamp = endpoint, digest_of(C.scope .. endpoint) end
  return stamp
end

local function key_of(request)
  local sent = var[SENT] or ""
  clear_header(C.header)
  local input = match(sent, KEY)
  if not input then
    request.bypass = match(sent, BYPASS) or "error"
    return
  end
  set_method(POST)
  request.stamp = stamp_of(endpoint_of(get_service()))
  -- The sender lets no other Cache-Control pass with a key.
  request.max_age = tonumber(match(var.http_cache_control or "", "^max%-age=(%d+)$"))
  if C.is_off and C.is_off() then
    request.bypass = "mismatch"
    return
  end
  local key = input .. "." .. digest_of(request.stamp .. sent)
  request.flight = "f:" .. key
  return key
end
