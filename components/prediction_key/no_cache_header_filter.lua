-- post-function, header_filter, of a model without a cache: see no_cache_access.lua. What pre-function has told
-- proxy-cache is not for caches on the way.
local INTERNAL = { "X-Cache-Status", "X-Cache-Key", C.header }

return function()
  if not ngx.ctx.prediction then return end
  for i = 1, #INTERNAL do ngx.header[INTERNAL[i]] = nil end
  ngx.header["Cache-Control"] = "private, no-store"
end
