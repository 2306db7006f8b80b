-- key-auth and acl.
local kong, ngx, py, text, json, entities = ...

local function set_consumer(consumer, credential)
  kong.client.authenticate(consumer, credential)
  local request = kong.service.request
  local function put(name, value)
    if value then request.set_header(name, value) else request.clear_header(name) end
  end
  put("X-Consumer-ID", consumer.id)
  put("X-Consumer-Custom-ID", consumer.custom_id)
  put("X-Consumer-Username", consumer.username)
  put("X-Credential-Identifier", credential and credential.id)
  put("X-Anonymous-Consumer", not credential and "true" or nil)
end

-- The key in the header, query or body; nil and a message when there is none or more than one.
local function find_key(config)
  local headers, query, body = kong.request.get_headers(), kong.request.get_query(), nil
  for _, name in ipairs(config.key_names) do
    local value = config.key_in_header and headers[name] or nil
    if not value and config.key_in_query then value = query[name] end
    if not value and config.key_in_body then
      body = body or kong.request.get_body() or {}
      value = body[name]
    end
    if type(value) == "table" then return nil, "Duplicate API key found" end
    if type(value) == "string" then
      if config.hide_credentials then
        if query[name] then
          query[name] = nil
          kong.service.request.set_query(query)
        end
        kong.service.request.clear_header(name)
        if config.key_in_body and body and body[name] then
          body[name] = nil
          kong.service.request.set_body(body)
        end
      end
      return value
    end
  end
end

local function authenticate(config)
  local key, problem = find_key(config)
  if problem then return problem end
  if not key or key == "" then return "No API key found in request" end
  local credential = entities.credentials[key]
  if not credential or credential.expires_at and credential.expires_at <= ngx.now() then return "Unauthorized" end
  set_consumer(entities.consumers[credential.consumer.id], credential)
end

local key_auth = {}
function key_auth.access(config)
  if not config.run_on_preflight and kong.request.get_method() == "OPTIONS" then return end
  if config.anonymous and kong.client.get_credential() then return end
  local problem = authenticate(config)
  if not problem then return end
  local anonymous = config.anonymous
  if anonymous then
    local consumer = entities.consumers[anonymous]
    for _, other in pairs(entities.consumers) do
      if other.username == anonymous then consumer = other end
    end
    if not consumer then error("anonymous consumer " .. anonymous .. " is configured but doesn't exist") end
    return set_consumer(consumer)
  end
  return kong.response.error(401, problem, { ["WWW-Authenticate"] = config.realm and 'Key realm="' .. config.realm .. '"' or "Key" })
end

local acl = {}
function acl.access(config)
  local consumer = kong.client.get_consumer()
  if not consumer then return kong.response.error(401, "Unauthorized") end
  local groups, listed, allowed = entities.groups[consumer.id] or {}, {}, config.allow == nil
  for _, group in ipairs(groups) do listed[group] = true end
  for _, group in ipairs(config.allow or {}) do allowed = allowed or listed[group] end
  for _, group in ipairs(config.deny or {}) do allowed = allowed and not listed[group] end
  if not allowed then return kong.response.error(403, "You cannot consume this service") end
  if not config.hide_groups_header and #groups > 0 then
    kong.service.request.set_header("X-Consumer-Groups", table.concat(groups, ", "))
  end
end

return { ["key-auth"] = key_auth, acl = acl }
