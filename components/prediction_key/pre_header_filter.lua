-- pre-function, header_filter, with proxy-cache: runs before proxy-cache's own header_filter, which (with cache_control)
-- stores what has max-age > 0 and nothing else.
local get_source = kong.response.get_source

local CLEARED = { "Expires", "X-Cache-Status", "X-Cache-Key", C.header }   -- what the model sent under our names

return function()
  local request = ngx.ctx.prediction
  if not request or not request.key or get_source() ~= "service" then return end
  local seconds, reason = storable_seconds()
  request.seconds, request.reason = seconds, reason
  for _, name in ipairs(CLEARED) do ngx.header[name] = nil end
  local revalidate = may_be_stale() and "" or ", must-revalidate"   -- kept with the answer, for post_header_filter.lua
  ngx.header["Cache-Control"] = seconds and "max-age=" .. seconds .. revalidate or "no-store"
end
