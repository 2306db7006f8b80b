-- prompt_of(body): the model that the body of a request names, and the beginning of its prompt, as they are written.
--
-- Reads the outermost members of an object without checking the rest: whoever sends something else than JSON gets some
-- target, as good as any. Nothing here decides which model answers or which answer is kept.
local byte, find, sub = string.byte, string.find, string.sub
local QUOTE, COMMA, COLON, OPEN_OBJECT, OPEN_LIST, CLOSE_LIST = 34, 44, 58, 123, 91, 93

local function after_text(s, i)         -- s[i] is the opening quote
  i = find(s, '["\\]', i + 1)
  while i and byte(s, i) ~= QUOTE do i = find(s, '["\\]', i + 2) end
  return i and i + 1
end

local function after_value(s, i)        -- the place behind the value that begins at s[i], nil where none ends
  local c = byte(s, i)
  if c == QUOTE then return after_text(s, i) end
  if c ~= OPEN_OBJECT and c ~= OPEN_LIST then return find(s, "[%s,%]}]", i) or #s + 1 end
  local depth = 0
  repeat
    i = find(s, '["{}%[%]]', i)
    if not i then return nil end
    c = byte(s, i)
    if c == QUOTE then
      i = after_text(s, i)
      if not i then return nil end
    else
      depth = depth + ((c == OPEN_OBJECT or c == OPEN_LIST) and 1 or -1)
      i = i + 1
    end
  until depth == 0
  return i
end

-- The first `count` messages of the list that begins at s[first], but none from the model's first answer on: so a
-- conversation begins alike in all of its turns.
local function head_of(s, first, count)
  local last = first
  local i = find(s, "%S", first + 1)
  while i and count > 0 and byte(s, i) ~= CLOSE_LIST do
    local after = after_value(s, i)
    if not after then return sub(s, first) end
    if last > first and find(sub(s, i, after - 1), '"role"%s*:%s*"assistant"') then break end
    last, count = after - 1, count - 1
    i = find(s, "%S", after)
    if not i or byte(s, i) ~= COMMA then break end
    i = find(s, "%S", i + 1)
  end
  return sub(s, first, last)
end

local PROMPTS = { ['"messages"'] = true, ['"prompt"'] = true, ['"input"'] = true, ['"inputs"'] = true }

local function prompt_of(body)
  local model, prompt = "", nil
  local i = find(body, "%S")
  if not i or byte(body, i) ~= OPEN_OBJECT then return model, sub(body, 1, C.characters) end
  i = find(body, "%S", i + 1)
  while i and byte(body, i) == QUOTE do
    local colon = after_text(body, i)
    local name = colon and sub(body, i, colon - 1)
    colon = colon and find(body, "%S", colon)
    if not colon or byte(body, colon) ~= COLON then break end
    local first = find(body, "%S", colon + 1)
    local after = first and after_value(body, first)
    if not after then break end
    if name == '"model"' then
      model = sub(body, first, after - 1)
    elseif PROMPTS[name] then
      local is_list = byte(body, first) == OPEN_LIST
      prompt = is_list and head_of(body, first, C.messages) or sub(body, first, math.min(after - 1, first + C.characters))
    end
    local comma = find(body, "%S", after)
    if not comma or byte(body, comma) ~= COMMA then break end
    i = find(body, "%S", comma + 1)
  end
  return model, prompt or sub(body, 1, C.characters)
end
