-- An nginx shared dictionary: byte budget in slab pages, least recently used out first, expiry, user flags.
local clock = ...
local ceil, floor, max, tobit = math.ceil, math.floor, math.max, bit.tobit
local Dict = {}
Dict.__index = Dict
local OVERHEAD, PAGE, TRIES = 64, 4096, 30

local function slab(size)
  if size > PAGE / 2 then return ceil(size / PAGE) * PAGE end
  local class = 64
  while class < size do class = class * 2 end
  return class
end

local function size_of(key, value) return slab(OVERHEAD + #key + (type(value) == "string" and #value or 8)) end

local function unlink(node) node.before.after, node.after.before = node.after, node.before end

local function link_first(self, node)
  local first = self.ends.after
  node.before, node.after, self.ends.after, first.before = self.ends, first, node, node
end

local function drop(self, node)
  unlink(node)
  self.nodes[node.key], self.used = nil, self.used - node.size
end

local function expired(node) return node.expires and node.expires <= clock() end

-- Drops from the old end: the oldest entry when `forced`, and up to two that have expired. As nginx does on every store.
local function expire(self, forced)
  for n = forced and 0 or 1, 2 do
    local oldest = self.ends.before
    if oldest == self.ends or n > 0 and not expired(oldest) then return end
    drop(self, oldest)
  end
end

-- Found, it is the most recently used.
local function live(self, key)
  local node = self.nodes[key]
  if not node or expired(node) then return nil end
  unlink(node)
  link_first(self, node)
  return node
end

-- The key as text, or nil and what is wrong.
local function checked(key)
  if key == nil then return nil, "nil key" end
  key = tostring(key)
  if key == "" then return nil, "empty key" end
  if #key > 65535 then return nil, "key too long" end
  return key
end

-- When it is over; nil: never, also below a millisecond.
local function end_of(exptime)
  if not exptime then return nil end
  if exptime < 0 then error('bad "exptime" argument', 3) end
  local milliseconds = floor(exptime * 1000)
  return milliseconds > 0 and clock() + milliseconds / 1000 or nil
end

local STORABLE = { string = true, number = true, boolean = true }

-- Stores; evicts the oldest entries when there is no room and `evict` says so. Like nginx it gives up after 30 of them.
local function store(self, key, value, exptime, flags, evict)
  local expires = end_of(exptime)
  local node = self.nodes[key]
  if node then drop(self, node) end
  local size, forcible, tries = size_of(key, value), false, 0
  while self.used + size > self.room do
    tries = tries + 1
    if not evict or self.ends.before == self.ends or tries > TRIES then return false, "no memory", forcible end
    forcible = true
    expire(self, true)
  end
  flags = flags and flags ~= 0 and tobit(flags) or nil   -- a C int
  node = { key = key, value = value, size = size, flags = flags, expires = expires }
  self.nodes[key], self.used = node, self.used + size
  link_first(self, node)
  return true, nil, forcible
end

function Dict:get(key)
  local text, wrong = checked(key)
  if not text then return nil, wrong end
  expire(self, false)
  local node = live(self, text)
  if not node then return nil end
  return node.value, node.flags
end

function Dict:get_stale(key)
  local text, wrong = checked(key)
  if not text then return nil, wrong end
  local node = live(self, text) or self.nodes[text]
  if not node then return nil end
  return node.value, node.flags, expired(node) and true or false
end

-- condition: "exists" refuses where something lives, "not found" where nothing does.
local function store_if(self, key, value, exptime, flags, evict, condition)
  local text, wrong = checked(key)
  if not text then return nil, wrong end
  if value == nil then
    if condition then return false, "attempt to add or replace nil values", false end
    return self:delete(text)
  end
  if not STORABLE[type(value)] then return nil, "bad value type" end
  expire(self, false)
  if condition and (live(self, text) ~= nil) == (condition == "exists") then return false, condition, false end
  return store(self, text, value, exptime, flags, evict)
end

function Dict:set(key, value, exptime, flags) return store_if(self, key, value, exptime, flags, true) end
function Dict:safe_set(key, value, exptime, flags) return store_if(self, key, value, exptime, flags, false) end
function Dict:add(key, value, exptime, flags) return store_if(self, key, value, exptime, flags, true, "exists") end
function Dict:safe_add(key, value, exptime, flags) return store_if(self, key, value, exptime, flags, false, "exists") end
function Dict:replace(key, value, exptime, flags) return store_if(self, key, value, exptime, flags, true, "not found") end

function Dict:incr(key, by, init, init_ttl)
  local text, wrong = checked(key)
  if not text then return nil, wrong end
  if type(by) ~= "number" then error('bad "value" argument', 2) end
  if init_ttl and not init then error('must provide "init" when providing "init_ttl"', 2) end
  expire(self, false)
  local node = live(self, text)
  if not node then
    if not init then return nil, "not found" end
    local ok, err, forcible = store(self, text, init + by, init_ttl, nil, true)
    if not ok then return nil, err, forcible end
    return init + by, nil, forcible
  end
  if type(node.value) ~= "number" then return nil, "not a number" end
  node.value = node.value + by
  if init then return node.value, nil, false end
  return node.value
end

function Dict:delete(key)
  local text, wrong = checked(key)
  if not text then return nil, wrong end
  local node = self.nodes[text]
  if node then drop(self, node) end
  return true, nil, false
end

-- Seconds; negative for what is over and still there, as in nginx.
function Dict:ttl(key)
  local text, wrong = checked(key)
  if not text then return nil, wrong end
  local node = self.nodes[text]
  if not node then return nil, "not found" end
  return node.expires and node.expires - clock() or 0
end

function Dict:expire(key, exptime)
  local text, wrong = checked(key)
  if not text then return nil, wrong end
  local node = self.nodes[text]
  if not node then return nil, "not found" end
  node.expires = end_of(exptime)
  return true
end

function Dict:flush_all()
  for _, node in pairs(self.nodes) do node.expires = 0 end
end

function Dict:flush_expired(max_count)
  local flushed = 0
  for _, node in pairs(self.nodes) do
    if expired(node) and (not max_count or max_count == 0 or flushed < max_count) then
      drop(self, node)
      flushed = flushed + 1
    end
  end
  return flushed
end

function Dict:get_keys(max_count)
  local keys, wanted = {}, max_count or 1024
  for key, node in pairs(self.nodes) do
    if wanted > 0 and #keys >= wanted then break end
    if not expired(node) then keys[#keys + 1] = key end
  end
  return keys
end

function Dict:capacity() return self.bytes end

function Dict:free_space() return max(0, self.room - self.used) end

return function(bytes)
  local ends = {}
  ends.before, ends.after = ends, ends
  return setmetatable({ nodes = {}, used = 0, bytes = bytes, room = floor(bytes * 0.985 / PAGE) * PAGE, ends = ends }, Dict)
end
