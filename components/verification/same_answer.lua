-- same_answer(one, other): whether two answers say the same. Byte for byte; where fields may differ, as JSON: members in
-- any order, numbers by value, strings as written.
local byte, sub, find, abs, max = string.byte, string.sub, string.find, math.abs, math.max
local MAX_DEPTH = 64
local EXACT = 2 ^ 53                     -- from here on a number stands for several whole ones
local ARRAY = {}                         -- stands in an array for its type
local VALUES_AT_ONCE = 1000              -- then the worker's callers go first

local values = 0
local function pause_now_and_then()
  values = values + 1
  if values % VALUES_AT_ONCE == 0 then ngx.sleep(0) end
end

local function fail() error("no JSON", 0) end

local value_at
local function members_at(text, at, depth)   -- after "{"
  local members = {}
  at = find(text, "[^ \t\r\n]", at) or fail()
  if byte(text, at) == 125 then return members, at + 1 end
  while true do
    local first, last, name = find(text, '^"([^"\\%c]*)"[ \t\r\n]*:', at)
    if not first or members[name] ~= nil then fail() end
    members[name], at = value_at(text, last + 1, depth)
    local _, after, sign = find(text, "^[ \t\r\n]*([,}])[ \t\r\n]*", at)
    if not after then fail() end
    at = after + 1
    if sign == "}" then return members, at end
  end
end

local function items_at(text, at, depth)     -- after "["
  local items, n = { [ARRAY] = 0 }, 0
  at = find(text, "[^ \t\r\n]", at) or fail()
  if byte(text, at) == 93 then return items, at + 1 end
  while true do
    n = n + 1
    items[n], at = value_at(text, at, depth)
    local _, after, sign = find(text, "^[ \t\r\n]*([,%]])", at)
    if not after then fail() end
    at = after + 1
    if sign == "]" then
      items[ARRAY] = n
      return items, at
    end
  end
end

local function string_end(text, at)
  while true do
    at = find(text, '["\\]', at + 1) or fail()
    if byte(text, at) == 34 then return at end
    at = at + 1
  end
end

-- The value at a place, and the place after it: objects and arrays as tables, everything else as it is written.
function value_at(text, at, depth)
  pause_now_and_then()
  at = find(text, "[^ \t\r\n]", at) or fail()
  local first = byte(text, at)
  if first == 123 or first == 91 then
    if depth == MAX_DEPTH then fail() end
    return (first == 123 and members_at or items_at)(text, at + 1, depth + 1)
  end
  if first == 34 then
    local last = string_end(text, at)
    return sub(text, at, last), last + 1
  end
  local _, last = find(text, "^[%w+.-]+", at)
  if not last then fail() end
  return sub(text, at, last), last + 1
end

local function document(text)
  local value, at = value_at(text, 1, 0)
  if find(text, "[^ \t\r\n]", at) then fail() end
  return value
end

local function number(text)             -- as JSON has it: no hexadecimal one, no inf, no 01, no 1. and no string
  local is_json = find(text, "^%-?%d[%deE.+-]*$") and not find(text, "^%-?0%d") and not find(text .. "$", "%.%D")
  return is_json and tonumber(text)
end

local function same_scalar(one, other, path)
  if one == other then return true end
  local a, b = number(one), number(other)
  if not a or not b then return false end
  local size = max(abs(a), abs(b))
  local doubt = size < EXACT and 0 or size * 2 ^ -52
  return abs(a - b) + doubt <= (C.tolerances[path] or C.tolerances["*"] or 0)
end

local same
local function same_members(one, other, path)
  local outer = path and path .. "." or ""
  for name, value in pairs(one) do
    local inner = outer .. name
    if not C.ignored[inner] and (other[name] == nil or not same(value, other[name], inner)) then return false end
  end
  for name in pairs(other) do
    if one[name] == nil and not C.ignored[outer .. name] then return false end
  end
  return true
end

function same(one, other, path)
  pause_now_and_then()
  if type(one) ~= "table" or type(other) ~= "table" then
    return type(one) == type(other) and same_scalar(one, other, path)
  end
  if one[ARRAY] ~= other[ARRAY] then return false end
  if not one[ARRAY] then return same_members(one, other, path) end
  for i = 1, one[ARRAY] do
    if not same(one[i], other[i], path) then return false end
  end
  return true
end

local by_bytes = next(C.tolerances) == nil and next(C.ignored) == nil

local function same_answer(one, other)
  if one == other then return true end
  if by_bytes then return false end
  local ok, is_same = pcall(function() return same(document(one), document(other)) end)
  return ok and is_same
end
