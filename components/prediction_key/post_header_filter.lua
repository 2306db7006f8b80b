-- post-function, header_filter: tells the client what the cache did (RFC 9211) and hides what is internal.
local time, get_source = ngx.time, kong.response.get_source
local dictionary = ngx.shared[C.dictionary]

-- How long others go to the model at once, each for itself, after an answer that was not to be stored, or an error.
local PASS_SECONDS, PASS_ERROR_SECONDS = 30, 1

local function release(request, source) -- not the body's end, which a slow client may put off
  if not request.leads or source == "exit" then return end
  dictionary:set(request.flight, "pass", source == "service" and ngx.status < 500 and PASS_SECONDS or PASS_ERROR_SECONDS)
  request.leads = false
end

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
    local source = get_source()
    if not request.seconds then release(request, source) end
    if source ~= "service" then return end
    local outcome = request.seconds and "; stored" or "; detail=" .. (request.reason or "error")
    header["Cache-Status"] = C.cache .. "; fwd=miss" .. outcome
    header["Cache-Control"] = "private, no-store"
  else
    header["X-Cache-Status"], header["X-Cache-Key"], header[C.header] = nil, nil, nil
    if get_source() ~= "service" then return end
    local forward = FORWARD[request.bypass] or "bypass"
    header["Cache-Status"] = C.cache .. "; fwd=" .. forward .. "; detail=" .. request.bypass
    kong.log.set_serialize_value("prediction_cache.bypass", request.bypass)
  end
end
