-- canonical(document) -> canonical text, or an error "pc:<reason>" when the document must not make a key.
--
-- Strict RFC 8259: white space dropped, object members sorted by name, every string and number kept as written
-- (1, 1.0 and 1e0 stay apart; so do 9007199254740993 and 9007199254740992, which RFC 8785 would merge).
-- Refused, because parsers disagree on them: duplicate names, names with escapes, anything after the value.
--
-- Written for LuaJIT's trace compiler: one loop with its own stack instead of recursion, byte and plain find instead
-- of patterns (a pattern call ends a trace), numbers by a transition table (no branch to mispredict per digit), and
-- *shapes*: a trie from the sequence of an object's names to their sorted order, learnt once, so that the next
-- document of the same form is neither checked for duplicate names nor sorted again.
local byte, sub, find, concat, sort = string.byte, string.sub, string.find, table.concat, table.sort

local function fail(reason) error("pc:" .. reason, 0) end

-- NUMBER: state * 256 + byte + 1 -> next state, 0 where the number ends. States 3, 4, 6 and 9 may end it.
local NUMBER, MAY_END = {}, { [3] = true, [4] = true, [6] = true, [9] = true }
do
  local moves = {                       -- pairs of a character (0; d for 1 to 9) and the state it leads to
    [1] = "-203d4", [2] = "03d4", [3] = ".5e7E7", [4] = "04d4.5e7E7", [5] = "06d6", [6] = "06d6e7E7",
    [7] = "+8-809d9", [8] = "09d9", [9] = "09d9",
  }
  for i = 1, 10 * 256 do NUMBER[i] = "\0" end
  for state, rules in pairs(moves) do
    for what, to in string.gmatch(rules, "(.)(%d)") do
      local first, last = byte(what), byte(what)
      if what == "d" then first, last = 49, 57 end
      for c = first, last do NUMBER[state * 256 + c + 1] = string.char(tonumber(to)) end
    end
  end
  NUMBER = concat(NUMBER)
end

local function is_zero(number)          -- 0, -0, 0.00 and 0e9 as written
  return find(number, "^%-?0") ~= nil and find(number, "^[^eE]*[1-9]") == nil
end

-- Members that decide whether an answer may be reused at all: name -> check(value, depth). None without a profile.
local WATCHED = {
  ['"stream"'] = C.profile and function(value, depth)
    if value ~= "false" and value ~= "null" and (depth == 1 or value == "true") then fail("stream") end
  end,
}
if C.profile == "llm" then
  WATCHED['"temperature"'] = function(value) if not is_zero(value) then fail("sampling") end end
  WATCHED['"do_sample"'] = function(value) if value ~= "false" and value ~= "null" then fail("sampling") end end
end

-- A shape: { order = where each sorted member stands, label = the text before it, watched = { {where, check}, … } }.
local MAX_SHAPE_NODES, MAX_SHAPE_NAMES, MAX_NAME_BYTES = 2048, 512, 128  -- bounds what ever new forms make us keep
local shapes, shape_nodes = {}, 0
local OUTER, INNER = 1, 2                               -- keys of a node's shape; names are strings, so no clash

local function make_shape(names, base, top, outer)
  local at, order, label, watched = {}, {}, {}, nil
  for i = base + 1, top do
    local name = names[i]
    if at[name] then fail("duplicate-name") end
    at[name] = i - base
    if WATCHED[name] then
      watched = watched or {}
      watched[#watched + 1] = { i - base, WATCHED[name], name == '"temperature"' }
    end
    if not (outer and C.exclude[sub(name, 2, -2)]) then order[#order + 1] = name end
  end
  sort(order)
  for i = 1, #order do
    label[i] = (i == 1 and "{" or ",") .. order[i] .. ":"
    order[i] = at[order[i]]
  end
  return { order = order, label = label, watched = watched }
end

local function learn_shape(names, base, top, outer)
  local shape, count = make_shape(names, base, top, outer), top - base
  if count > MAX_SHAPE_NAMES then return shape end
  for i = base + 1, top do
    if #names[i] > MAX_NAME_BYTES then return shape end
  end
  if shape_nodes + count > MAX_SHAPE_NODES then shapes, shape_nodes = {}, 0 end
  local node = shapes
  for i = base + 1, top do
    local child = node[names[i]]
    if not child then
      child, shape_nodes = {}, shape_nodes + 1
      node[names[i]] = child
    end
    node = child
  end
  node[outer and OUTER or INNER] = shape
  return shape
end

-- The stack of open containers, kept between calls: values[base + 1 .. top] belong to the innermost one.
local values, names, bases, nodes, out = {}, {}, {}, {}, {}
local UNKNOWN = {}                      -- the node of an object whose names so far are in no known shape

local function skip(s, i)               -- first place from i on that is not white space, and its byte
  local c = byte(s, i)
  while c == 32 or c == 10 or c == 13 or c == 9 do
    i = i + 1
    c = byte(s, i)
  end
  return i, c
end

local function is_hex(c) return c and (c >= 48 and c <= 57 or c >= 65 and c <= 70 or c >= 97 and c <= 102) end

local function skip_escape(s, i)        -- s[i] is a backslash
  local e = byte(s, i + 1)
  if e == 117 then
    if is_hex(byte(s, i + 2)) and is_hex(byte(s, i + 3)) and is_hex(byte(s, i + 4)) and is_hex(byte(s, i + 5)) then
      return i + 6
    end
  elseif e == 34 or e == 92 or e == 47 or e == 98 or e == 102 or e == 110 or e == 114 or e == 116 then
    return i + 2
  end
  return fail("escape")
end

local function check_text(s, i, last)   -- no control character; eight bytes a step, in registers
  while i + 7 <= last do
    local a, b, c, d, e, f, g, h = byte(s, i, i + 7)
    if a < 32 or b < 32 or c < 32 or d < 32 or e < 32 or f < 32 or g < 32 or h < 32 then fail("string") end
    i = i + 8
  end
  while i <= last do
    if byte(s, i) < 32 then fail("string") end
    i = i + 1
  end
end

local NONE = 2 ^ 53
local escape_at                         -- the next backslash at or after the place last asked for

local function string_end(s, i)         -- s[i] is the opening quote; the place of the closing one
  i = i + 1
  local quote = find(s, '"', i, true)
  if escape_at < i then escape_at = find(s, "\\", i, true) or NONE end
  while quote and escape_at < quote do
    check_text(s, i, escape_at - 1)
    i = skip_escape(s, escape_at)
    escape_at = find(s, "\\", i, true) or NONE
    if quote < i then quote = find(s, '"', i, true) end
  end
  if not quote then fail("string") end
  check_text(s, i, quote - 1)
  return quote
end

local function check_name(name)         -- names learnt in a shape have passed this; escapes would hide equal names
  if find(name, "\\", 1, true) then fail("escaped-name") end
  check_text(name, 2, #name - 1)
end

-- A member's name and colon from i on: the place and first byte of its value, and the node its name leads to.
local function member(s, i, c, node, top)
  if c ~= 34 then fail("name") end
  local j = find(s, '"', i + 1, true)
  if not j then fail("string") end
  local name = sub(s, i, j)
  local child = node[name]
  if not child then
    check_name(name)
    child = UNKNOWN
  end
  names[top + 1] = name
  i = j + 1
  c = byte(s, i)
  if c ~= 58 then
    i, c = skip(s, i)
    if c ~= 58 then fail("colon") end
  end
  i = i + 1
  c = byte(s, i)
  if c == 32 then
    i = i + 1
    c = byte(s, i)
  end
  if c and c <= 32 then i, c = skip(s, i) end
  return i, c, child
end

local function canonical(s)
  escape_at = find(s, "\\", 1, true) or NONE
  local i, c = skip(s, 1)
  if c ~= 123 and c ~= 91 then fail("not-a-container") end
  local depth, base, top, node = 0, 0, 0, nil           -- node: of the open object; nil in an array
  local cold = C.profile ~= "llm"                       -- has a temperature of 0 been seen (absent is not 0)
  local max_depth = C.max_depth
  while true do
    local value
    if c == 34 then
      local j = string_end(s, i)
      value = sub(s, i, j)
      i = j + 1
    elseif c == 123 or c == 91 then
      local open = c
      if depth == max_depth then fail("depth") end
      i, c = skip(s, i + 1)
      if open == 91 and c == 93 then
        value = "[]"
        i = i + 1
      elseif open == 123 and c == 125 then
        value = "{}"
        i = i + 1
      else
        depth = depth + 1
        bases[depth], nodes[depth] = base, node or false
        top = top + 1                   -- the place, and the name, of this very container stay free for it
        base = top
        if open == 91 then
          node = nil
        else
          i, c, node = member(s, i, c, shapes, top)
        end
      end
    elseif c == 116 and sub(s, i, i + 3) == "true" then
      value = "true"
      i = i + 4
    elseif c == 102 and sub(s, i, i + 4) == "false" then
      value = "false"
      i = i + 5
    elseif c == 110 and sub(s, i, i + 3) == "null" then
      value = "null"
      i = i + 4
    else
      repeat                            -- numbers come in rows: stay here while one follows another
        local j, state, last = i, 1, 1
        repeat
          last = state
          state = byte(NUMBER, state * 256 + (byte(s, j) or 0) + 1)
          j = j + 1
        until state == 0
        if not MAY_END[last] then fail("value") end
        j = j - 1
        value = sub(s, i, j - 1)
        i = j
        if node or byte(s, i) ~= 44 then break end
        top = top + 1
        values[top] = value
        value = nil
        i = i + 1
        c = byte(s, i)
        if c == 32 then
          i = i + 1
          c = byte(s, i)
        end
        if c and c <= 32 then i, c = skip(s, i) end
      until not c or c ~= 45 and (c < 48 or c > 57)
    end
    while value do                      -- put it into its container, and close those that end here
      if depth == 0 then
        i = skip(s, i)
        if i <= #s then fail("trailing") end
        if not cold then fail("sampling") end
        return value
      end
      top = top + 1
      values[top] = value
      value = nil
      c = byte(s, i)
      if c and c <= 32 then i, c = skip(s, i) end
      i = i + 1
      if c == 44 then
        c = byte(s, i)
        if c == 32 then
          i = i + 1
          c = byte(s, i)
        end
        if c and c <= 32 then i, c = skip(s, i) end
        if node then i, c, node = member(s, i, c, node, top) end
      elseif c == 93 and not node then
        value = "[" .. concat(values, ",", base + 1, top) .. "]"
      elseif c == 125 and node then
        local shape = node[depth == 1 and OUTER or INNER] or learn_shape(names, base, top, depth == 1)
        local watched = shape.watched
        if watched then
          for k = 1, #watched do
            watched[k][2](values[base + watched[k][1]], depth)
            cold = cold or depth == 1 and watched[k][3]
          end
        end
        local order, label, n = shape.order, shape.label, 0
        for k = 1, #order do
          out[n + 1] = label[k]
          out[n + 2] = values[base + order[k]]
          n = n + 2
        end
        out[n + 1] = n > 0 and "}" or "{}"
        value = concat(out, "", 1, n + 1)
      else
        fail("separator")
      end
      if value then
        top, base, node = base - 1, bases[depth], nodes[depth] or nil
        depth = depth - 1
      end
    end
  end
end
