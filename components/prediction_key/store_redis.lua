-- The store that all nodes share: a Redis or Valkey server, or a cluster of them.
--
--   store.get(key)                 -> text, seconds until it expires there; or nil and, if it is the store's, the reason
--   store.claim(key, token)        -> the same, and true (the flight is ours, or may be: it may have heard
--                                     us), "alone" (it was not asked), "pass" (let all go) or false (another's)
--   store.put(key, text, seconds, claimed)  -> true, or nil and the reason; ends the claim, if it is ours
--   store.give_up(key, token, seconds)      ends the claim without an answer: for `seconds` all go at once
--   store.hurry(key, seconds)      the claim lasts no longer than that: its answer is on the way
--   store.get_off(), store.put_off(cause)    whether verification has switched the cache off (verification/shared_off.lua)
--   store.is_ready()               -> whether it would be asked now, or false and the reason
--   C.later(delay_seconds, work, ...)   does now what may be done in any phase, and later what only a timer may do
--
-- Expiry and claims are durations of the server (PX): the nodes' clocks need not agree. Works where cosockets do: in
-- access, and in timers.
local R = C.redis
local found, redis = pcall(require, "resty.redis")
if not found then
  redis = nil
  kong.log.err("set untrusted_lua_sandbox_requires = resty.redis in kong.conf: without it no answer is stored")
end
local state = ngx.shared[C.dictionary]   -- of the node: which server failed, and when it may be asked again
local now, null = ngx.now, ngx.null
local spawn, wait, kill = ngx.thread.spawn, ngx.thread.wait, ngx.thread.kill
local find, match = string.find, string.match
local HOME, PREFIX = R.host .. ":" .. R.port, R.prefix
local TIMEOUT, IDLE, POOL = R.timeout_milliseconds, 60000, 64
local LEASE = C.lease_seconds * 1000
local store = {}

local failures = metric("counter", "inference_edge_store_failures_total",
  "Requests that the shared store did not serve", { "model", "reason" })
local function count(reason)
  if failures then failures:inc(1, { C.model, reason }) end
end

-- The reason by an error reply's first word.
local REPLIES = {
  NOAUTH = "store-auth", WRONGPASS = "store-auth", NOPERM = "store-auth",
  LOADING = "store-loading", MASTERDOWN = "store-loading", CLUSTERDOWN = "store-loading",
  OOM = "store-full", READONLY = "store-readonly", MOVED = "store-moved", ASK = "store-moved", TRYAGAIN = "store-moved",
}
-- About this one command: the server itself is well.
local HARMLESS = { ["store-full"] = true, ["store-readonly"] = true, ["store-moved"] = true }
local function reason_of(reply) return REPLIES[match(reply, "^%u+")] or "store-reply" end

-- By address: where a server is, how to connect, and under which names the node remembers that it failed. All of it by
-- who we are there, too: another model's wrong password is not our failure, and its connections are not ours.
local servers = {}
local function server_at(address)
  local server = servers[address]
  if server then return server end
  local host, port = match(address, "^(.*):(%d+)$")
  local ours = address .. ":" .. R.pool
  server = {
    host = host, port = tonumber(port), retry = "retry:" .. ours, trial = "trial:" .. ours, address = address,
    options = {
      ssl = R.tls, ssl_verify = R.tls, server_name = R.tls and host or nil, pool = ours, pool_size = POOL,
    },
  }
  servers[address] = server
  return server
end

-- A server that failed is left alone until retry_seconds are over; then one request tries, the others still do not.
local function may_ask(server)           -- returns also whether it is that trial
  local retry_at = state:get(server.retry)
  if not retry_at then return true, false end
  return now() >= retry_at and state:add(server.trial, true, R.retry_seconds), true
end

local function mark_down(server, err)
  state:set(server.retry, now() + R.retry_seconds)
  state:delete(server.trial)
  kong.log.warn("the shared store ", server.address, " is left alone for ", R.retry_seconds, " s: ", err)
end

local function mark_up(server)
  state:delete(server.retry)
  state:delete(server.trial)
end

local function connect(server)
  local client = redis:new()
  client:set_timeouts(TIMEOUT, TIMEOUT, TIMEOUT)
  local ok, err = client:connect(server.host, server.port, server.options)
  if not ok then return nil, err end
  if client:get_reused_times() ~= 0 then return client end
  if R.username then ok, err = client:auth(R.username, R.password)
  elseif R.password then ok, err = client:auth(R.password) end
  if ok and R.database ~= 0 then ok, err = client:select(R.database) end
  if not ok then
    client:close()
    return nil, err
  end
  return client
end

local function first_error(replies)
  for i = 1, #replies do
    if type(replies[i]) == "table" and replies[i][1] == false then return tostring(replies[i][2]) end
  end
end

-- A connection whose replies are not those of our commands is out of step: what it says next would be another's.
local FITS = {
  text = function(reply) return type(reply) == "string" or reply == null end,
  number = function(reply) return type(reply) == "number" end,
  done = function(reply) return reply == "OK" or reply == null end,
}
local function are_ours(replies, expected)
  if #replies ~= #expected then return false end
  for i = 1, #expected do
    if not FITS[expected[i]](replies[i]) then return false end
  end
  return true
end

local function talk(server, commands, ...)   -- returns true, the replies or nil, the error, the connection
  local client, err = connect(server)
  if not client then return true, nil, err end
  client:init_pipeline(4)
  commands.queue(client, ...)
  local replies
  replies, err = client:commit_pipeline()
  if replies then return true, replies, nil, client end
  client:close()
  return true, nil, err
end

-- The time-outs are those of single steps: a reply that comes byte by byte keeps each of them. This bounds the whole.
local DEADLINE_SECONDS = 3 * TIMEOUT / 1000
local function talk_in_time(...)
  local talker, clock = spawn(talk, ...), spawn(ngx.sleep, DEADLINE_SECONDS)
  local ok, done, replies, err, client = wait(talker, clock)
  if done then
    kill(clock)
    return replies, err, client
  end
  kill(talker)                           -- and with it its connection
  return nil, ok and "timeout" or done
end

-- Runs `commands` in one pipeline. Returns the replies; or nil, the reason and the error.
local function ask_at(server, commands, ...)
  local may, is_trial = may_ask(server)
  if not may then return nil, "store-down" end
  local replies, err, client = talk_in_time(server, commands, ...)
  if err == "timeout" and not is_trial then   -- it may be this node that is busy: one request asks again before all stop
    if not state:add(server.trial, true, R.retry_seconds) then return nil, "store-timeout" end
    replies, err, client = talk_in_time(server, commands, ...)
    if replies then state:delete(server.trial) end
  end
  if not replies then
    err = tostring(err)
    mark_down(server, err)
    if find(err, "^%u%u+ ") then return nil, reason_of(err) end
    return nil, find(err, "timeout", 1, true) and "store-timeout" or "store-connect"
  end
  err = first_error(replies)
  if not err and not are_ours(replies, commands.expected) then err = "replies that do not fit" end
  local reason = err and reason_of(err)
  local is_type = err and find(err, "^WRONGTYPE")
  if reason and reason ~= "store-full" and not is_type then client:close() else client:set_keepalive(IDLE, POOL) end
  if reason and not HARMLESS[reason] and not is_type then mark_down(server, err) elseif is_trial then mark_up(server) end
  if reason then return nil, reason, err end
  return replies
end

-- In a cluster each slot is somewhere else: learnt from the answer MOVED, forgotten when the server there fails.
local places = {}

local function slot_of(key)              -- CRC16/XMODEM of the part in braces (redis.io/docs/reference/cluster-spec)
  local crc, byte, band, bxor, lshift = 0, string.byte, bit.band, bit.bxor, bit.lshift
  for i = 1, #key do
    crc = bxor(crc, lshift(byte(key, i), 8))
    for _ = 1, 8 do crc = band(crc, 0x8000) ~= 0 and band(bxor(lshift(crc, 1), 0x1021), 0xffff) or band(lshift(crc, 1), 0xffff) end
  end
  return crc % 16384
end

local function ask_owner(key, ...)
  local slot = next(places) and slot_of(key)
  local address = slot and places[slot] or HOME
  local replies, reason, err = ask_at(server_at(address), ...)
  if replies then return replies end
  if address ~= HOME then places[slot] = nil end
  local moved_slot, moved_to = match(err or "", "^MOVED (%d+) (%S*:%d+)$")
  if not moved_to or moved_to == address then return nil, reason end
  if find(moved_to, "^:") then moved_to = match(address, "^(.*):") .. moved_to end   -- the same host
  replies, reason = ask_at(server_at(moved_to), ...)
  if replies then places[tonumber(moved_slot)] = moved_to end
  return replies, reason
end

local function ask(...)
  local ok, replies, reason
  if redis then ok, replies, reason = pcall(ask_owner, ...) else reason = "store-unavailable" end
  if ok == false then
    kong.log.err("the shared store: ", replies)
    replies, reason = nil, "store-error"
  end
  if reason then count(reason) end
  return replies, reason
end

local function name_of(key) return PREFIX .. "{" .. key .. "}" end

local function found_in(replies)
  local text, left = replies[1], replies[2]
  if type(text) ~= "string" or type(left) ~= "number" or left <= 0 then return nil end   -- without expiry: not of ours
  return text, left / 1000
end

-- What goes into one pipeline, and what its replies must be.
local LOOK_UP = { expected = { "text", "number" } }
function LOOK_UP.queue(client, name)
  client:get(name)
  client:pttl(name)
end

local CLAIM = { expected = { "text", "number", "done", "text" } }
function CLAIM.queue(client, name, token)
  LOOK_UP.queue(client, name)
  client:set(name .. ":f", token, "NX", "PX", LEASE)
  client:get(name .. ":f")
end

local SET = { expected = { "done" } }
function SET.queue(client, name, text, seconds) client:set(name, text, "PX", seconds * 1000) end

local SET_AND_END = { expected = { "done", "number" } }
function SET_AND_END.queue(client, name, text, seconds)
  SET.queue(client, name, text, seconds)
  client:del(name .. ":f")
end

local GET = { expected = { "text" } }
function GET.queue(client, name) client:get(name) end

local EXPIRE = { expected = { "number" } }
function EXPIRE.queue(client, name, seconds) client:pexpire(name, seconds * 1000) end

local DELETE = { expected = { "number" } }
function DELETE.queue(client, name) client:del(name) end

function store.get(key)
  local replies, reason = ask(key, LOOK_UP, name_of(key))
  if not replies then return nil, reason end
  return found_in(replies)
end

function store.claim(key, token)
  local replies, reason = ask(key, CLAIM, name_of(key), token)
  if not replies then return nil, reason, reason == "store-down" and "alone" or true end
  local text, left = found_in(replies)
  return text, left, replies[3] == "OK" or replies[4] == "pass" and "pass"
end

function store.put(key, text, seconds, claimed)
  local replies, reason = ask(key, claimed and SET_AND_END or SET, name_of(key), text, seconds)
  return replies ~= nil, reason
end

function store.give_up(key, token, seconds, tried_seconds)
  local flight, tried = name_of(key) .. ":f", tried_seconds or 0
  local replies = ask(key, GET, flight)
  if replies and replies[1] ~= token then return end   -- the lease was over, it is another's now
  if replies then
    if seconds then replies = ask(key, SET, flight, "pass", seconds) else replies = ask(key, DELETE, flight) end
  end
  if not replies and tried < C.lease_seconds then   -- as soon as the server may be asked again
    C.later(R.retry_seconds, store.give_up, key, token, seconds, tried + R.retry_seconds)
  end
end

function store.hurry(key, seconds) ask(key, EXPIRE, name_of(key) .. ":f", seconds) end

-- That verification has switched the cache off, for all nodes: the cause, or false; nothing while nobody knows.
local OFF_SECONDS = 10 * 365 * 86400
function store.get_off()
  local replies = ask("off", GET, name_of("off"))
  if replies then return type(replies[1]) == "string" and replies[1] end
end

function store.put_off(cause) ask("off", SET, name_of("off"), cause, OFF_SECONDS) end

function store.is_ready()
  if not redis then return false, "store-unavailable" end
  local retry_at = state:get(server_at(HOME).retry)
  return not retry_at or now() >= retry_at, "store-down"
end

function C.later(delay_seconds, work, ...)   -- sockets cannot be used in filters and in log
  local ok, err = ngx.timer.at(delay_seconds, function(premature, ...) if not premature then work(...) end end, ...)
  if not ok then kong.log.warn("the shared store is not told: ", err) end
  return ok
end
