-- place_of(text, names) -> where the value at a JSON pointer begins and ends, or nothing. The text itself stays as it is.
--
-- For documents that `canonical` took: no name twice and none with escapes. Parsers that take names without case (Go's
-- encoding/json: the later one wins) would still find another value beside it: "pc:name-case" (after canonical.lua).
local lower, gsub, pairs = string.lower, string.gsub, pairs

local LETTERS = { ["\197\191"] = "s", ["\226\132\170"] = "k", ["\196\176"] = "i", ["\196\177"] = "i" }  -- as Unicode folds
local function letter(character) return LETTERS[character] or "\128" end   -- any other is taken for any other

local function folded(name)
  name = lower(name)
  if find(name, "[\128-\255]") then name = gsub(name, "[\194-\244][\128-\191]*", letter) end
  return name                           -- no longer than it was, and shorter with any such character
end

local function is_alone(s, wanted)      -- whether no text in s is that name in another case; for names in ASCII
  if find(wanted, "[\128-\255]") then return false end
  for character in pairs(LETTERS) do
    if find(s, character, 1, true) then return false end
  end
  local text, quoted = lower(s), '"' .. lower(wanted) .. '"'
  local _, last = find(text, quoted, 1, true)
  return not find(text, quoted, last, true)
end

local function text_end(s, i)           -- s[i] is the opening quote; the place of the closing one
  local j = i
  repeat
    j = find(s, '"', j + 1, true)
    local k = j - 1
    while byte(s, k) == 92 do k = k - 1 end
  until (j - k) % 2 == 1                -- no or an even number of backslashes before it
  return j
end

local function past_value(s, i)         -- the place behind the value that begins at i
  local c = byte(s, i)
  if c == 34 then return text_end(s, i) + 1 end
  if c ~= 123 and c ~= 91 then return (find(s, "[%s,%]}]", i)) end
  local depth = 0
  repeat                                -- from bracket to bracket
    i = find(s, '["%[%]{}]', i)
    c = byte(s, i)
    if c == 34 then
      i = text_end(s, i)
    else
      depth = depth + ((c == 123 or c == 91) and 1 or -1)
    end
    i = i + 1
  until depth == 0
  return i
end

local function member_of(s, i, wanted)  -- s[i] opens an object; where the value of that name begins
  local found, alike, c = nil, folded(wanted), nil
  i, c = skip(s, i + 1)
  while c == 34 do
    local last = find(s, '"', i + 1, true)
    local name = sub(s, i + 1, last - 1)
    i = skip(s, last + 1)
    i = skip(s, i + 1)
    if name == wanted then
      if is_alone(s, wanted) then return i end   -- the usual case: the rest need not be looked through
      found = i
    elseif #name == #alike and lower(name) == alike or #name > #alike and folded(name) == alike then
      fail("name-case")
    end
    i, c = skip(s, past_value(s, i))
    if c == 44 then i, c = skip(s, i + 1) end
  end
  return found
end

local function item_of(s, i, wanted)    -- s[i] opens an array; where that item begins
  if wanted ~= "0" and not find(wanted, "^[1-9]%d*$") then return end
  local c
  i, c = skip(s, i + 1)
  for _ = 1, tonumber(wanted) do
    if c == 93 then return end
    i, c = skip(s, past_value(s, i))
    if c == 44 then i, c = skip(s, i + 1) end
  end
  if c ~= 93 then return i end
end

local function place_of(s, names)
  local i, c = skip(s, 1)
  for k = 1, #names do
    if c == 123 then
      i = member_of(s, i, names[k])
    elseif c == 91 then
      i = item_of(s, i, names[k])
    else
      return
    end
    if not i then return end
    c = byte(s, i)
  end
  return i, past_value(s, i) - 1
end
