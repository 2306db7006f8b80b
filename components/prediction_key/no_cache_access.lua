-- post-function, access, of a model without a cache: while a deployment switches the cache on or off, the key's
-- pre-function may be there for a moment. Its key is not for the model, and proxy-cache may still store the answer. So may
-- the route that takes GETs, whose question is in the query: what the model says to a GET is no answer to it.
local clear_header, get_method = ngx.req.clear_header, ngx.req.get_method
local NO_STORE = { ["Cache-Control"] = "private, no-store", ["Allow"] = "POST" }

return function()
  if get_method() == "GET" then
    return kong.response.exit(405, { message = "without a cache this model is asked by POST" }, NO_STORE)
  end
  if not ngx.ctx.prediction then return end
  clear_header(C.header)
  clear_header("Accept-Encoding")
end
