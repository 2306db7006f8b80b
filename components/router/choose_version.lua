-- version_of(name, versions, caller) -> the version that answers this caller, and whether it is the fallback.
local md5_bin, log = ngx.md5_bin, math.log

-- Weighted rendezvous hashing: each version draws a number for the caller, and the best draw for its weight wins. So a
-- caller keeps its version, and another weight moves only as many callers as it has to.
local function drawn(name, versions, caller)
  local best, most = nil, -1
  for i = 1, #versions do
    local version = versions[i]
    local a, b, c, d, e, f = byte(md5_bin(name .. "\n" .. version.model .. "\n" .. caller), 1, 6)
    local number = (((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f + 0.5) / 2 ^ 48
    local draw = version.weight / -log(number)
    if draw > most then best, most = version, draw end
  end
  return best
end

local HEALTH_SECONDS = 0.25             -- a pool is asked for at most this often
local found, balancer = pcall(require, "kong.runloop.balancer")   -- where the sandbox allows it
local pools = {}                        -- Kong's upstreams: { down = , known_until = }

local function has_no_target(upstream)
  local known = balancer.get_upstream_by_name(upstream)
  local health = known and balancer.get_balancer_health(known.id)
  return health and health.balancer_health == "UNHEALTHY"
end

local function is_down(version)
  local upstream = found and C.models[version.model].upstream
  if not upstream then return false end
  local pool, now = pools[upstream], ngx.now()
  if not pool or now >= pool.known_until then
    local ok, down = pcall(has_no_target, upstream)
    pool = { down = ok and down, known_until = now + HEALTH_SECONDS }
    pools[upstream] = pool
  end
  return pool.down
end

local function version_of(name, versions, caller)
  local version = #versions == 1 and versions[1] or drawn(name, versions, caller)
  local fallback = versions.fallback
  if fallback and is_down(version) and not is_down(fallback) then return fallback, true end
  return version, false
end
