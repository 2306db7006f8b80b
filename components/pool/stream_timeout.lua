-- post-function, access: how long a streamed answer may be silent, before its first and between later bytes; nginx has
-- one limit for both (proxy_read_timeout).
local read_body, get_body_data = ngx.req.read_body, ngx.req.get_body_data
local find = string.find

return function()
  read_body()
  local body = get_body_data()
  if body and find(body, '"stream"%s*:%s*true') then   -- a text that says so, too, gets this limit: no harm
    kong.service.set_timeouts(C.connect_milliseconds, C.write_milliseconds, C.stream_milliseconds)
  end
end
