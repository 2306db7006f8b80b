-- post-function, access: runs only when the request goes on to the model. Nothing internal goes with it, and the
-- answer to be stored is asked for unencoded, because any later caller may get it.
local clear_header = ngx.req.clear_header

return function()
  local request = ngx.ctx.prediction
  if not request or not request.key then return end
  clear_header(C.header)
  clear_header("Accept-Encoding")
end
