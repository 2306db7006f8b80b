-- ngx.ctx.balancer_data: where a request goes. What the tries were is asked for only when it is wanted.
local py, json = ...
local CHANGEABLE = { "host", "port", "retries", "connect_timeout", "read_timeout", "hash_value" }
local OF_TRIES = { tries = true, try_count = true, ip = true, hostname = true }

local Data = {}
function Data.__index(data, name)
  if not OF_TRIES[name] then return nil end
  local found = json.decode(py.tries(rawget(data, "request_id")))
  return found[name]
end

local new = {}
function new.of(request, service)
  return setmetatable({
    request_id = request.id, scheme = service.protocol, host = service.host, port = service.port, retries = service.retries or 5,
    connect_timeout = service.connect_timeout, send_timeout = service.write_timeout, read_timeout = service.read_timeout,
  }, Data)
end

-- What plugins have changed of it, as JSON; nil: nothing.
function new.changes(data, service)
  if not data or data.host == service.host and data.port == service.port and data.retries == (service.retries or 5)
    and data.connect_timeout == service.connect_timeout and data.read_timeout == service.read_timeout
    and rawget(data, "hash_value") == nil then
    return nil
  end
  local changed = {}
  for _, name in ipairs(CHANGEABLE) do changed[name] = rawget(data, name) end
  return json.encode(changed)
end

return new
