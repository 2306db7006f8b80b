-- post-function, access, of the path by which a node asks the model again: while a rollout is on its way, another model
-- may be here than the one whose answer is in question. Nothing is compared then.
local var, clear_header, get_service = ngx.var, ngx.req.clear_header, kong.router.get_service

return function()
  local asked = var[C.variable]
  clear_header(C.header)
  if asked ~= C.stamp .. endpoint_of(get_service()) then
    return kong.response.exit(409, { message = "this is another version or endpoint" })
  end
end
