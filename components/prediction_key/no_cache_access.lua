-- post-function, access, of a model without a cache: while a deployment switches the cache on or off, the key's
-- pre-function may be there for a moment. Its key is not for the model, and proxy-cache may still store the answer.
local clear_header = ngx.req.clear_header

return function()
  if not ngx.ctx.prediction then return end
  clear_header(C.header)
  clear_header("Accept-Encoding")
end
