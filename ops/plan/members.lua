-- members_of(document) -> the canonical members of an object, a line feed between two (canonical text has none),
-- or the canonical text of an array; or nil and the reason why the gateway would not cache it.
-- span_of(line, name) -> first and last place of the value of a top-level member of an object that is known to be JSON.
-- Stands after canonical.lua and uses its locals.

local function string_close(s, i)                -- s[i] is an opening quote of well-formed JSON
  local c
  repeat
    i = i + 1
    c = byte(s, i)
    if c == 92 then
      i = i + 1                                  -- whatever it escapes
      c = 0
    end
  until c == 34
  return i
end

local function value_close(s, i)                 -- s[i] begins a value of well-formed JSON
  local depth = 0
  while true do
    local c = byte(s, i)
    if c == 34 then
      i = string_close(s, i)
      if depth == 0 then return i end
    elseif c == 123 or c == 91 then
      depth = depth + 1
    elseif c == 125 or c == 93 then
      if depth == 0 then return i - 1 end
      depth = depth - 1
      if depth == 0 then return i end
    elseif depth == 0 and (c == 44 or not c or c <= 32) then
      return i - 1
    end
    i = i + 1
  end
end

local pieces = {}

local function split(text)
  if byte(text) ~= 123 or #text == 2 then return byte(text) == 123 and "" or text end
  local n, i = 0, 2
  repeat
    local last = value_close(text, string_close(text, i) + 2)
    n = n + 1
    pieces[n] = sub(text, i, last)
    i = last + 2
  until i > #text
  return concat(pieces, "\n", 1, n)
end

local function members_of(document)
  local ok, text = pcall(canonical, document)
  if ok then return split(text) end
  if sub(text, 1, 3) ~= "pc:" then error(text, 0) end
  return nil, sub(text, 4)
end

local function span_of(line, name)
  local i, c = skip(line, 1)
  repeat
    i, c = skip(line, i + 1)                     -- after the brace or comma
    if c ~= 34 then return nil end
    local last = string_close(line, i)
    local found = sub(line, i + 1, last - 1) == name
    i = skip(line, last + 1)
    i = skip(line, i + 1)
    last = value_close(line, i)
    if found then return i, last end
    i, c = skip(line, last + 1)
  until c ~= 44
end

return members_of, span_of
