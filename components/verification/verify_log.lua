-- post-function, log: asks the model again for some hits, once the caller has its answer, and compares. One at a time for
-- each model, at a pace, and only while the model has little to do. Nothing of a request or an answer is logged.
local var, random, now = ngx.var, math.random, ngx.now
local get_service = kong.router.get_service
local get_headers, get_body_data = ngx.req.get_headers, ngx.req.get_body_data
local find, sub, concat, ipairs = string.find, string.sub, table.concat, ipairs
local OFF = C.verification .. "off"
-- Of the model, whatever its version and generation: a comparison outlasts a purge, and the model is the same.
local RUNNING, IN_FLIGHT = C.model_scope .. "running", C.model_scope .. "in-flight:" .. ngx.worker.pid()
local CONFIRMATIONS = 2                  -- how often the model has to repeat itself before a cached answer is wrong

local verified = metric("counter", "inference_edge_verified_total",
  "Cached answers compared with what the model says now", { "model", "outcome" })
local skipped = metric("counter", "inference_edge_verification_skipped_total",
  "Hits that were to be verified and were not", { "model", "reason" })
local off = metric("gauge", "inference_edge_cache_off",
  "1: verification has switched the model's cache off", { "model", "cause" })

for _, outcome in ipairs({ "same", "wrong", "nondeterministic", "failed" }) do
  if verified then verified:inc(0, { C.model, outcome }) end   -- there before the first, so that it is seen to rise
end

local SHOWN_SECONDS = 5                  -- then again: a late request of the generation before has shown its own, perhaps
local shown, shown_at                    -- the cause that the metric tells
local function show_off()
  shown, shown_at = dictionary:get(OFF), now()
  for _, cause in ipairs({ "wrong", "nondeterministic" }) do
    if off then off:set(shown == cause and 1 or 0, { C.model, cause }) end
  end
end
show_off()

local function switch_off(cause)
  dictionary:set(OFF, cause)             -- the next request shows it: there is none if a new generation came meanwhile
  if store and store.put_off then store.put_off(cause) end
  kong.log.crit("the cache of ", C.model, " is off: too many of its answers are ", cause,
    ". Look at the model; a new generation (make purge) or version switches the cache on again")
end

-- One step at a time: a large answer of a slow model takes longer than anybody would wait for a worker that is gone.
local function ask_next(question)
  dictionary:set(RUNNING, "busy", C.longest_seconds)
  return ask_again(question)
end

local function outcome_of(question, served)
  local answer = ask_next(question)
  if not answer then return "failed" end
  if same_answer(served, answer) then return "same" end
  for _ = 1, CONFIRMATIONS do
    local again = ask_next(question)
    if not again then return "failed" end
    if not same_answer(answer, again) then return "nondeterministic" end
  end
  return "wrong"
end

local function verify(premature, question, served)
  if premature then                      -- the worker stops: others go on
    dictionary:delete(RUNNING)
    return
  end
  local ok, outcome = pcall(outcome_of, question, served)
  if not ok then
    kong.log.err("verification: ", outcome)
    outcome = "failed"
  end
  if verified then verified:inc(1, { C.model, outcome }) end
  local cause = outcome ~= "failed" and judge(outcome)
  if cause then switch_off(cause) end
  dictionary:set(RUNNING, "pace", 1 / C.max_per_second)
end

-- What the answer depends on is in the key: those headers go along, and who asks, as the model may have been told.
local function goes_along(name)
  return C.sent[name] or sub(name, 1, 11) == "x-consumer-" or sub(name, 1, 13) == "x-credential-"
end

local function question_of(body)
  local query = var.args                 -- in the key, too, as it was sent; a GET's question is in the body by now
  local lines, n = { "POST ", C.path, query and query ~= "" and "?" .. query or "", " HTTP/1.1\r\nHost: ", C.model,
    "\r\nConnection: close\r\nContent-Length: ", #body, "\r\n", C.header_name, ": ", C.secret, "\r\n",
    C.stamp_header, ": ", C.stamp, endpoint_of(get_service()), "\r\n" }, 17
  for name, values in pairs(get_headers(0)) do
    for _, value in ipairs(goes_along(name) and (type(values) == "table" and values or { values }) or {}) do
      lines[n + 1], lines[n + 2], lines[n + 3], lines[n + 4] = name, ": ", value, "\r\n"
      n = n + 4
    end
  end
  lines[n + 1], lines[n + 2] = "\r\n", body
  local address = var.server_addr        -- where this very request came in
  if find(address, ":", 1, true) and sub(address, 1, 5) ~= "unix:" then address = "[" .. address .. "]" end
  return { host = address, port = tonumber(var.server_port), is_tls = var.scheme == "https", text = concat(lines) }
end

-- Returns the reason to leave it.
local function begin(served)
  if (dictionary:get(IN_FLIGHT) or 0) >= C.max_in_flight then return "load" end
  if not dictionary:add(RUNNING, "busy", C.longest_seconds) then
    return dictionary:get(RUNNING) == "pace" and "pace" or "busy"
  end
  local body = get_body_data()
  if not (body and ngx.timer.at(0, verify, question_of(body), served)) then
    dictionary:delete(RUNNING)
    return body and "busy" or "spilled"   -- into a file, of a shard whose buffer is smaller than the asking node's
  end
end

return function()
  if ngx.ctx.prediction_in_flight then
    local left = dictionary:incr(IN_FLIGHT, -1)
    if left and left < 0 then dictionary:set(IN_FLIGHT, 0) end   -- the dictionary was emptied meanwhile
  end
  if dictionary:get(OFF) ~= shown or now() - shown_at > SHOWN_SECONDS then show_off() end   -- whoever has found it out
  local request = ngx.ctx.prediction
  local served = request and request.outcome == "hit" and request.served
  if not served or not in_doubt() and random() >= C.share then return end
  local reason = begin(served)
  if reason and skipped then skipped:inc(1, { C.model, reason }) end
end
