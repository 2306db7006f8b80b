-- post-function, header_filter: tells the client what the cache did (RFC 9211) and hides what is internal.
local time, get_source = ngx.time, kong.response.get_source

-- A reason that is the client's wish or method has its own value of fwd (RFC 9211 section 2.2).
local FORWARD = { client = "request", method = "method" }

return function()
  local request = ngx.ctx.prediction
  if not request then return end
  local header = ngx.header
  local hit = kong.ctx.shared.proxy_cache_hit
  if hit then
    local stored_until = hit.res.timestamp + hit.res.ttl
    request.stored_until = stored_until
    local detail = request.collapsed and "; detail=collapsed" or ""
    header["Cache-Status"] = C.cache .. "; hit; ttl=" .. stored_until - time() .. detail
    header["Cache-Control"] = "private, no-store"
  elseif request.key then
    if get_source() ~= "service" then return end
    header["Cache-Status"] = C.cache .. "; fwd=miss" .. (request.seconds and "; stored" or "; detail=" .. (request.reason or "error"))
    header["Cache-Control"] = "private, no-store"
  else
    header["X-Cache-Status"] = nil
    if get_source() ~= "service" then return end
    header["Cache-Status"] = C.cache .. "; fwd=" .. (FORWARD[request.bypass] or "bypass") .. "; detail=" .. request.bypass
    kong.log.set_serialize_value("prediction_cache.bypass", request.bypass)
  end
end
