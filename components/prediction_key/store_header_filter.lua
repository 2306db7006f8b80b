-- post-function, header_filter, with a store of our own: tells the client what the cache did (RFC 9211), decides whether
-- the model's answer may be stored, and puts an expired answer in the place of the model's error (RFC 5861 section 4).
local time, get_source = ngx.time, kong.response.get_source
local dictionary = ngx.shared[C.dictionary]
local finish_twin = C.finish_twin       -- of get_twin_header_filter.lua, where a model has it

-- How long others go to the model at once, each for itself, after an answer that was not to be stored, or an error.
local PASS_SECONDS, PASS_ERROR_SECONDS = 30, 1
local BODY_SECONDS = 5                  -- how long they wait for the rest of an answer whose lead's client reads slowly
local INTERNAL = { "X-Cache-Status", "X-Cache-Key", C.header }   -- what the model sent under our names
local ERRORS = { [500] = true, [502] = true, [503] = true, [504] = true }
local FORWARD = { client = "request", method = "method" }   -- reasons that have a value of fwd of their own (section 2.2)

local function release(request, source) -- not the body's end, which a slow client may put off
  if not request.leads then return end
  local is_error = source ~= "service" or ngx.status >= 500 or ngx.status == 429
  local seconds = is_error and PASS_ERROR_SECONDS or PASS_SECONDS
  dictionary:set(request.flight, "pass", seconds)
  request.leads = false
  if request.claimed then C.later(0, store.give_up, request.key, request.token, seconds) end
end

local function answer_of_model(seconds)
  local headers = {}
  for i = 1, #C.answer_headers do
    local name = C.answer_headers[i]
    headers[name] = header(name)
  end
  local age = tonumber(header("Age")) or 0
  return {
    created = time() - age, ttl_seconds = seconds + age, stale_seconds = may_be_stale() and C.stale_seconds or 0,
    status = ngx.status, headers = headers, bytes = tonumber(header("Content-Length")),
  }
end

local function put_back(request)
  local old, answer, status = request.old, ngx.header, ngx.status
  for name, value in pairs(ngx.resp.get_headers(0)) do   -- what the gateway has put there stays
    local sent = header(name)
    if sent and (sent == value or type(value) == "table") then answer[name] = nil end
  end
  for name, value in pairs(old.headers) do answer[name] = value end
  request.replacement = old.body
  ngx.status = old.status
  answer["Content-Length"] = #old.body
  answer["Age"] = math.max(0, time() - old.created)
  answer["Cache-Control"] = "private, no-store"
  answer["Cache-Status"] = C.cache .. "; hit; ttl=" .. old.left .. "; detail=error-" .. status
end

local function describe(request, source)
  local answer = ngx.header
  for i = 1, #INTERNAL do answer[INTERNAL[i]] = nil end
  if not request.key then
    if source ~= "service" then return end
    local forward = FORWARD[request.bypass] or "bypass"
    answer["Cache-Status"] = C.cache .. "; fwd=" .. forward .. "; detail=" .. request.bypass
    became(request, "bypass", request.bypass)
    return
  end
  local old, status = request.old, ngx.status
  if old then old.left = math.min(old.left, old.created + old.ttl_seconds - time()) end   -- the model took its time
  if old and -old.left < C.stale_if_error_seconds and (source == "error" or ERRORS[status]) then
    put_back(request)
    became(request, "stale", "error")
    return release(request, source)
  end
  local seconds, reason
  if source == "service" then seconds, reason = storable_seconds() end
  request.seconds, request.must_revalidate = seconds, seconds and not may_be_stale()
  local is_ready, why_not = store.is_ready()
  local is_kept = seconds and is_ready
  if is_kept then
    request.answer, request.chunks = answer_of_model(seconds), {}
    if request.leads then dictionary:expire(request.flight, BODY_SECONDS) end
    if request.claimed then C.later(0, store.hurry, request.key, BODY_SECONDS) end
  else
    release(request, source)
  end
  if source ~= "service" then return end
  reason = request.store_reason or reason or not is_ready and why_not
  answer["Expires"] = nil
  answer["Cache-Control"] = "private, no-store"
  answer["Cache-Status"] = C.cache .. "; fwd=" .. (old and "stale" or "miss") .. (is_kept and "; stored" or "")
    .. (reason and "; detail=" .. reason or "")
  became(request, "miss", is_kept and "stored" or reason or "error")
end

return function()
  local request = ngx.ctx.prediction
  if not request then                    -- refused before it came here: a GET's answer is still not for caches on the way
    if finish_twin and ngx.req.get_method() == "GET" then finish_twin({}) end
    return
  end
  if not request.is_hit then describe(request, get_source()) end
  if request.twin then finish_twin(request, request.seconds) end
end
