-- post-function, header_filter: tells the client what the cache did (RFC 9211) and hides what is internal.
local time, get_source, find = ngx.time, kong.response.get_source, string.find
local dictionary = ngx.shared[C.dictionary]
local finish_twin = C.finish_twin       -- of get_twin_header_filter.lua, where a model has it

-- How long others go to the model at once, each for itself, after an answer that was not to be stored, or an error.
local PASS_SECONDS, PASS_ERROR_SECONDS = 30, 1

local function release(request, source) -- not the body's end, which a slow client may put off
  if not request.leads or source == "exit" then return end
  dictionary:set(request.flight, "pass", source == "service" and ngx.status < 500 and PASS_SECONDS or PASS_ERROR_SECONDS)
  request.leads = false
end

-- A reason that is the client's wish or method has its own value of fwd (RFC 9211 section 2.2).
local FORWARD = { client = "request", method = "method" }

-- Returns for how many seconds the answer is stored, if it is.
local function describe(request)
  local header = ngx.header
  request.must_revalidate = find(ngx.var.sent_http_cache_control or "", "must-revalidate", 1, true)   -- of pre_header_filter.lua
  local hit = kong.ctx.shared.proxy_cache_hit
  if hit then
    local stored_until = hit.res.timestamp + hit.res.ttl
    request.stored_until = stored_until
    local seconds, detail = stored_until - time(), request.collapsed and "; detail=collapsed" or ""
    request.served = C.verification and hit.res.body   -- for verify_log.lua
    became(request, "hit", request.collapsed and "collapsed")
    header["Cache-Status"] = C.cache .. "; hit; ttl=" .. seconds .. detail
    header["Cache-Control"] = "private, no-store"
    return seconds
  elseif request.key then
    local source, seconds = get_source(), request.seconds
    if not seconds then release(request, source) end
    if source ~= "service" then return end
    local reason = not seconds and (request.reason or "error")
    header["Cache-Status"] = C.cache .. "; fwd=miss" .. (reason and "; detail=" .. reason or "; stored")
    became(request, "miss", reason or "stored")
    header["Cache-Control"] = "private, no-store"
    return seconds
  else
    header["X-Cache-Status"], header["X-Cache-Key"], header[C.header] = nil, nil, nil
    if get_source() ~= "service" then return end
    local forward = FORWARD[request.bypass] or "bypass"
    header["Cache-Status"] = C.cache .. "; fwd=" .. forward .. "; detail=" .. request.bypass
    became(request, "bypass", request.bypass)
  end
end

return function()
  local request = ngx.ctx.prediction
  if not request then return end
  local seconds = describe(request)
  if request.twin then finish_twin(request, seconds) end
end
