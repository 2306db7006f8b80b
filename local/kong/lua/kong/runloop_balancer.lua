-- kong.runloop.balancer: what plugins may ask of upstreams and of the health of their targets.
local py, json, entities = ...

local function get_upstream_by_name(name) return entities.upstreams[name] or false end

local function get_upstream_by_id(id)
  for _, upstream in pairs(entities.upstreams) do
    if upstream.id == id then return upstream end
  end
end

-- `details` are made when they are wanted.
local function get_balancer_health(upstream_id)
  local healthy, is_checked = py.balancer_state(upstream_id)
  if healthy == nil then return nil, "upstream not found" end
  local state = healthy and "HEALTHY" or "UNHEALTHY"
  return setmetatable({ health = is_checked and state or "HEALTHCHECKS_OFF", balancer_health = state, id = upstream_id }, {
    __index = function(_, name)
      if name == "details" then return json.decode(py.balancer_details(upstream_id)) end
    end,
  })
end

local function get_upstream_health(upstream_id)
  local found = py.upstream_health(upstream_id)
  if not found then return nil, "upstream not found" end
  return json.decode(found)
end

return { get_upstream_by_name = get_upstream_by_name, get_upstream_by_id = get_upstream_by_id,
  get_balancer_health = get_balancer_health, get_upstream_health = get_upstream_health }
