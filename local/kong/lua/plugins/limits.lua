-- rate-limiting (policy local) and request-size-limiting.
local kong, ngx = ...
local PERIODS = { second = 1, minute = 60, hour = 3600, day = 86400, month = 2592000, year = 31536000 }
local counters = ngx.shared.kong_rate_limiting_counters

local function window_start(period, now)
  if period == "month" then return os.time({ year = os.date("!%Y", now), month = os.date("!%m", now), day = 1, hour = 0 }) end
  if period == "year" then return os.time({ year = os.date("!%Y", now), month = 1, day = 1, hour = 0 }) end
  return now - now % PERIODS[period]
end

local function identifier(config)
  local by, found = config.limit_by, nil
  local credential, consumer, service = kong.client.get_credential(), kong.client.get_consumer(), kong.router.get_service()
  if by == "consumer" then found = consumer or credential
  elseif by == "credential" then found = credential
  elseif by == "service" then found = service
  elseif by == "header" then return kong.request.get_header(config.header_name) or kong.client.get_forwarded_ip()
  elseif by == "path" then return kong.request.get_path() == config.path and config.path or kong.client.get_forwarded_ip() end
  return found and found.id or kong.client.get_forwarded_ip()
end

local rate_limiting = {}
function rate_limiting.access(config, plugin)
  local now, who, usage, stop = ngx.time(), identifier(config), {}, nil
  for period in pairs(PERIODS) do
    local limit = config[period]
    if limit then
      local start = window_start(period, now)
      local key = table.concat({ "ratelimit", plugin.scope, who, start, period }, ":")
      local remaining = limit - (counters:get(key) or 0)
      usage[period] = { limit = limit, remaining = remaining, start = start, key = key }
      if remaining <= 0 then stop = period end
    end
  end
  local headers, tightest, reset = {}, nil, nil
  if not config.hide_client_headers then
    for period, used in pairs(usage) do
      local remaining = math.max(0, (not stop or stop == period) and used.remaining - 1 or used.remaining)
      local title = period:sub(1, 1):upper() .. period:sub(2)
      headers["X-RateLimit-Limit-" .. title], headers["X-RateLimit-Remaining-" .. title] = used.limit, remaining
      local window = PERIODS[period]
      if not tightest or remaining < tightest.remaining or remaining == tightest.remaining and window > tightest.window then
        tightest = { limit = used.limit, remaining = remaining, window = window }
        reset = math.max(1, window - (now - used.start))
      end
    end
    headers["RateLimit-Limit"], headers["RateLimit-Remaining"], headers["RateLimit-Reset"] = tightest.limit, tightest.remaining, reset
  end
  if stop then
    headers["Retry-After"] = reset
    return kong.response.error(config.error_code, config.error_message, headers)
  end
  kong.response.set_headers(headers)
  for period, used in pairs(usage) do counters:incr(used.key, 1, 0, PERIODS[period] * 2) end
end

local UNITS = { megabytes = 2 ^ 20, kilobytes = 2 ^ 10, bytes = 1 }
local size_limiting = {}
function size_limiting.access(config)
  local length = tonumber(kong.request.get_header("content-length"))
  if not length and config.require_content_length then
    return kong.response.error(411, "A valid Content-Length header is required")
  end
  length = length or #kong.request.get_raw_body(0)
  if length > config.allowed_payload_size * UNITS[config.size_unit] then
    local expects = (kong.request.get_header("expect") or ""):lower() == "100-continue"
    return kong.response.error(expects and 417 or 413, "Request size limit exceeded")
  end
end

return { ["rate-limiting"] = rate_limiting, ["request-size-limiting"] = size_limiting }
