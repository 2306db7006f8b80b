-- post-function, access: runs only when the request goes on to the model. Nothing internal goes with it, and the
-- answer to be stored is asked for unencoded, because any later caller may get it.
local clear_header = ngx.req.clear_header
local dictionary = ngx.shared[C.dictionary]

return function()
  local request = ngx.ctx.prediction
  if not request then                   -- pre-function was switched off by hand: proxy-cache would answer body-blind
    return kong.response.exit(503, { message = "the prediction key is missing" })
  end
  if C.cache_tag then clear_header("X-Model-Version") end
  if not request.key then return end
  if not request.leads and dictionary:get(request.flight) == "stored" then   -- evicted or purged: fly again
    dictionary:delete(request.flight)
    dictionary:delete(request.memo)
    request.evicted = 1
  end
  clear_header(C.header)
  clear_header("Accept-Encoding")
end
