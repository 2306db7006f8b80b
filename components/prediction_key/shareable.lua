-- May a shared cache in front of Kong (the edge) keep this answer? It tells questions apart by input, X-Model-Version
-- and the model's own key headers alone, so whatever else changes the answer must not have been sent, and the version
-- it asked for must be the one that answers: a worker that lags behind fills no other version's cache.
do
  local gmatch, match, lower, find, rep = string.gmatch, string.match, string.lower, string.find, string.rep
  local set_header = ngx.req.set_header

  local function wants_json(accept)
    for range in gmatch(lower(accept), "[^,]+") do
      range = match(range, "^%s*(.-)%s*$")
      if range ~= "application/json" and range ~= "*/*" then return false end
    end
    return true
  end

  function C.may_share(parts)
    -- Origin: an answer for one site's browsers may name that site.
    if parts[TOKEN] ~= C.version_token or parts[ENDPOINT] ~= C.endpoint or parts[ORIGIN] then return false end
    for i, name in ipairs(C.headers) do
      local value = parts[FIRST_HEADER + i - 1]
      if value and not C.shared_headers[name] and (name ~= "accept" or not wants_json(value)) then return false end
    end
    return true
  end

  -- The cache has them in its key, but caches differ on what is empty, comes twice or is not ASCII: two such values
  -- might be one key.
  function C.has_ambiguous_header(parts)
    for i, name in ipairs(C.headers) do
      local value = parts[FIRST_HEADER + i - 1]
      if value and C.shared_headers[name] and not find(value, "^[ -~]+$") then return true end
    end
    return false
  end

  if C.edge_key then                    -- edge_lock.lua has let through the edge alone, which has checked the caller
    local FORM = "^" .. rep("[0-9a-f]", 32) .. "$"
    function C.let_in(parts)
      if not find(parts[TOKEN] or "", FORM) then return end
      set_header(C.credential_header, C.edge_key)
      parts[CALLER] = C.edge_key
    end
  end
end
