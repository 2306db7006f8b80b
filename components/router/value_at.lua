-- place_of(text, names) -> where the value at a JSON pointer begins and ends, or nothing. The text itself stays as it is.
--
-- For documents that `canonical` took: no name twice and none with escapes, so that all parsers find the same value.
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
  local c
  i, c = skip(s, i + 1)
  while c == 34 do
    local last = find(s, '"', i + 1, true)
    local name = sub(s, i + 1, last - 1)
    i = skip(s, last + 1)
    i = skip(s, i + 1)
    if name == wanted then return i end
    i, c = skip(s, past_value(s, i))
    if c == 44 then i, c = skip(s, i + 1) end
  end
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
