-- post-function, access, with a store of our own: after authentication, ACL, size and rate limits, the consumer in the key.
-- Answers from the store, waits for another request that asks the same, or goes to the model and is the one to store.
local time, max, floor = ngx.time, math.max, math.floor
local exit = kong.response.exit

-- The answer in `text`, if it is one for this request; keeps an expired one in request.old while it may be served.
local function take(request, text, expires_in)
  local answer = text and decode_entry(request.key, text)
  if not answer then return end
  local age = max(0, time() - answer.created)
  answer.left = answer.created + answer.ttl_seconds - time()   -- below 0: stale for so long
  if expires_in then answer.left = floor(min(answer.left, expires_in - answer.stale_seconds)) end
  if request.max_age and age > request.max_age then return end
  if answer.left > 0 then return answer end
  if not request.max_age and answer.left > -answer.stale_seconds then request.old = answer end
end

local function look_up(request)
  local text, expires_in = store.get(request.key)
  if text then return take(request, text, expires_in) end
  request.store_reason = request.store_reason or expires_in
end

local function is_old_good(request)      -- while another request fetches the next (RFC 5861 section 3)
  return request.old and -request.old.left < C.stale_while_revalidate_seconds
end

local function lead(request)
  if not dictionary:add(request.flight, "lead", C.lease_seconds) then return false end
  request.leads, request.token = true, var.request_id
  return true
end

local function hand_over(request, state, seconds)   -- the others of this node may go on
  if state then dictionary:set(request.flight, state, seconds) else dictionary:delete(request.flight) end
  request.leads = false
end

-- Leads on this node; on others somebody else may. Returns an answer that came to the store meanwhile; nothing: go on.
local function claim(request, waited)
  while true do
    local text, expires_in, ours = store.claim(request.key, request.token)
    local answer = text and take(request, text, expires_in)
    if not text then request.store_reason = request.store_reason or expires_in end
    if not answer and (ours == true or ours == "alone") then
      request.claimed = ours == true
      return
    end
    if not answer and ours == "pass" then return hand_over(request, "pass", 1) end
    if ours == true then store.give_up(request.key, request.token) end
    answer = answer or is_old_good(request) and request.old
    if answer or waited >= C.lease_seconds then
      hand_over(request)
      return answer
    end
    waited = pause(request, waited)
  end
end

-- One request a key goes to the model, on this node and, with a shared store, on all; the others wait for its answer.
local function join_flight(request)
  local waited = 0
  while waited < C.lease_seconds do
    if lead(request) then return claim(request, waited) end
    local state = dictionary:get(request.flight)
    if state and is_old_good(request) then return request.old end
    if state == "pass" then return end
    waited = pause(request, waited)
    if state ~= dictionary:get(request.flight) then
      local answer = look_up(request)
      if answer then return answer end
    end
  end
end

local function answer_with(request, answer)
  if request.is_new_spelling then dictionary:set(request.memo, request.key, C.ttl_seconds) end
  local headers = answer.headers
  request.seconds, request.is_hit = answer.left, true
  request.must_revalidate = answer.stale_seconds < C.stale_seconds   -- the model had forbidden it
  if answer.left > 0 then
    if C.verification then                -- for verify_log.lua; a shard did not need the question until now
      request.served = answer.body
      ngx.req.read_body()
    end
    became(request, "hit", request.collapsed and "collapsed")
  else
    became(request, "stale", "revalidate")
  end
  headers["Age"] = max(0, time() - answer.created)
  headers["Cache-Control"] = "private, no-store"
  headers["Cache-Status"] = C.cache .. "; hit; ttl=" .. answer.left .. (request.collapsed and "; detail=collapsed" or "")
  return exit(answer.status, answer.body, headers)
end

return function()
  -- Its fields at once: a table that grows is slow.
  local request = { key = false, memo = false, flight = false, seconds = false, is_hit = false, leads = false, old = false }
  local earlier = ngx.ctx.prediction
  if earlier and earlier.leads then dictionary:delete(earlier.flight) end   -- while this replaces proxy-cache
  ngx.ctx.prediction = request
  local key = key_of(request)
  if C.cache_tag then clear_header("X-Model-Version") end
  if not key then return end
  request.key = key
  local answer = look_up(request)
  -- Nobody's answer will be kept while the store is away: waiting for it would be waiting for nothing.
  if not answer and store.is_ready() then answer = join_flight(request) end
  if answer then return answer_with(request, answer) end
  clear_header("Accept-Encoding")       -- any later caller may get the answer
end
