-- An nginx shared dictionary: byte budget in slab pages, least recently used out first, expiry, user flags.
local clock = ...
local ceil, floor, max = math.ceil, math.floor, math.max
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

local function live(self, key)
  local node = self.nodes[key]
  if node and not expired(node) then return node end
end

local function check(key)
  if key == nil then return "nil key" end
  if key == "" then return "empty key" end
  if #key > 65535 then return "key too long" end
end

-- Stores; evicts the oldest entries when there is no room and `evict` says so. Like nginx it gives up after 30 of them.
local function store(self, key, value, exptime, flags, evict)
  key = tostring(key)
  local kind = type(value)
  if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then return nil, "bad value type" end
  local node = self.nodes[key]
  if node then drop(self, node) end
  expire(self, false)
  local size, forcible, tries = size_of(key, value), false, 0
  while self.used + size > self.room do
    tries = tries + 1
    if not evict or self.ends.before == self.ends or tries > TRIES then return false, "no memory", forcible end
    forcible = true
    expire(self, true)
  end
  node = { key = key, value = value, size = size, flags = flags ~= 0 and flags or nil }
  if exptime and exptime > 0 then node.expires = clock() + exptime end
  self.nodes[key], self.used = node, self.used + size
  link_first(self, node)
  return true, nil, forcible
end

function Dict:get(key)
  local wrong = check(key)
  if wrong then return nil, wrong end
  local node = live(self, tostring(key))
  if not node then return nil end
  unlink(node)
  link_first(self, node)
  return node.value, node.flags
end

function Dict:get_stale(key)
  local node = self.nodes[tostring(key)]
  if not node then return nil end
  return node.value, node.flags, expired(node) and true or false
end

function Dict:set(key, value, exptime, flags)
  local wrong = check(key)
  if wrong then return nil, wrong end
  if value == nil then return self:delete(key) end
  return store(self, key, value, exptime, flags, true)
end

function Dict:safe_set(key, value, exptime, flags)
  local wrong = check(key)
  if wrong then return nil, wrong end
  return store(self, key, value, exptime, flags, false)
end

function Dict:add(key, value, exptime, flags)
  local wrong = check(key)
  if wrong then return nil, wrong end
  if live(self, tostring(key)) then return false, "exists", false end
  return store(self, key, value, exptime, flags, true)
end

function Dict:safe_add(key, value, exptime, flags)
  if live(self, tostring(key)) then return false, "exists", false end
  return self:safe_set(key, value, exptime, flags)
end

function Dict:replace(key, value, exptime, flags)
  local wrong = check(key)
  if wrong then return nil, wrong end
  if not live(self, tostring(key)) then return false, "not found", false end
  return store(self, key, value, exptime, flags, true)
end

function Dict:incr(key, by, init, init_ttl)
  local wrong = check(key)
  if wrong then return nil, wrong end
  local node = live(self, tostring(key))
  if not node then
    if not init then return nil, "not found" end
    local ok, err, forcible = store(self, key, init + by, init_ttl, nil, true)
    if not ok then return nil, err, forcible end
    return init + by, nil, forcible
  end
  if type(node.value) ~= "number" then return nil, "not a number" end
  node.value = node.value + by
  return node.value
end

function Dict:delete(key)
  local node = self.nodes[tostring(key)]
  if node then drop(self, node) end
  return true
end

function Dict:ttl(key)
  local node = live(self, tostring(key))
  if not node then return nil, "not found" end
  return node.expires and node.expires - clock() or 0
end

function Dict:expire(key, exptime)
  local node = live(self, tostring(key))
  if not node then return nil, "not found" end
  node.expires = exptime > 0 and clock() + exptime or nil
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
