-- endpoint_of(service): the URL that Kong calls, as it stands in the key.
local last_service, endpoint            -- the router hands out the same table until the service changes
local function endpoint_of(service)
  if service ~= last_service then
    local path = type(service.path) == "string" and service.path or "/"
    endpoint = service.protocol .. "://" .. service.host .. ":" .. service.port .. path
    last_service = service
  end
  return endpoint
end
