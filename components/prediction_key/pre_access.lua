-- pre-function, access, with proxy-cache: gives the request its key, or sends it past the cache with a named reason.
--
-- Runs before authentication (priority 1000000), so an unauthenticated caller must not be able to leave anything
-- behind: the dictionary is written only once an answer was stored or served (post_body_filter.lua), except for a
-- flight's lead, which is bound to the caller's own credential and removed when the request ends.
local time = ngx.time

-- One request a key and caller goes to the model; the others wait until its answer is stored, or was not to be stored.
local function join_flight(request)
  local flight, waited = request.flight, 0
  while waited < C.lease_seconds do
    local state = dictionary:get(flight)
    if state == "stored" or state == "pass" then return end
    if not state and dictionary:add(flight, "lead", C.lease_seconds) then
      request.leads = true
      return
    end
    waited = pause(request, waited)
  end
end

return function()
  clear_header("Xpredictionmodel")      -- of the model router: what the route was found by is not for the model to know
  local request = {}
  ngx.ctx.prediction = request
  local key = key_of(request)
  if key then
    request.key = key
    request.fresh = request.known_until and request.known_until > time()
    set_header(C.header, key)           -- replaces whatever the client sent
    if not request.fresh then join_flight(request) end
    return
  end
  clear_header(C.header)
  clear_header("Cache_Control")         -- nginx joins both spellings
  set_header("Cache-Control", "no-store")   -- the only way past proxy-cache's look-up; needs its cache_control
end
