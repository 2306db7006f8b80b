-- kong.service: where a request goes and how long it may take (kong/pdk/service.lua).
local state, entities, ngx, only = ...
local floor, type = math.floor, type

local function integer(name, value, least, most)
  if type(value) ~= "number" or floor(value) ~= value then error(name .. " must be an integer", 3) end
  if value < least or value > most then
    error(("%s must be an integer between %d and %d: given %s"):format(name, least, most, tostring(value)), 3)
  end
end

local function text(name, value)
  if type(value) ~= "string" then error(name .. " must be a string", 3) end
end

return function(service)
  only({ access = true }, service, {
    set_upstream = function(host)
      text("host", host)
      if not entities.upstreams[host] then return nil, "could not find an Upstream named '" .. host .. "'" end
      ngx.ctx.balancer_data.host = host
      return true
    end,
    set_retries = function(retries)
      integer("retries", retries, 0, 32767)
      ngx.ctx.balancer_data.retries = retries
    end,
    -- As in Kong the write time-out is noted under another name than the one that is used.
    set_timeouts = function(connect, write, read)
      integer("connect_timeout", connect, 1, 2147483646)
      integer("write_timeout", write, 1, 2147483646)
      integer("read_timeout", read, 1, 2147483646)
      local data = ngx.ctx.balancer_data
      data.connect_timeout, data.write_timeout, data.read_timeout = connect, write, read
    end,
  })
  only({ access = true, rewrite = true }, service, {
    set_target = function(host, port)
      text("host", host)
      integer("port", port, 0, 65535)
      state.request.upstream_host = host
      local data = ngx.ctx.balancer_data
      data.host, data.port = host, port
    end,
  })
end
