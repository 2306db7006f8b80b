-- JSON as Kong's cjson writes and reads it: `null` is ngx.null, an empty table is {}, a decoded array stays an array.
local null = ...
local byte, sub, find, gsub, format, concat = string.byte, string.sub, string.find, string.gsub, string.format, table.concat
local array_mt = {}
local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["/"] = "\\/", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
local UNESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
for code = 0, 31 do
  local char = string.char(code)
  ESCAPES[char] = ESCAPES[char] or format("\\u%04x", code)
end

local function quote(text) return '"' .. gsub(text, '[%c"\\/]', ESCAPES) .. '"' end

local encode
local function encode_table(value)
  local out = {}
  if getmetatable(value) == array_mt or #value > 0 then
    for i = 1, #value do out[i] = encode(value[i]) end
    return "[" .. concat(out, ",") .. "]"
  end
  for key, item in pairs(value) do out[#out + 1] = quote(tostring(key)) .. ":" .. encode(item) end
  return "{" .. concat(out, ",") .. "}"
end

function encode(value)
  local kind = type(value)
  if kind == "string" then return quote(value) end
  if kind == "number" then return format("%.16g", value) end
  if kind == "boolean" then return tostring(value) end
  if kind == "table" then return encode_table(value) end
  if value == null or value == nil then return "null" end
  error("Cannot serialise " .. kind .. ": type not supported", 0)
end

local function utf8(code)
  local char = string.char
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xC0 + math.floor(code / 64), 0x80 + code % 64) end
  if code < 0x10000 then return char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64) end
  return char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64, 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

local function unescape(text)
  if find(text, "\\u", 1, true) then
    text = gsub(text, "\\u([dD][89abAB]%x%x)\\u([dD][c-fC-F]%x%x)", function(high, low)
      return utf8(0x10000 + (tonumber(high, 16) - 0xD800) * 1024 + tonumber(low, 16) - 0xDC00)
    end)
    text = gsub(text, "(\\*)\\u(%x%x%x%x)", function(slashes, hex)
      if #slashes % 2 == 1 then return nil end
      local code = tonumber(hex, 16)
      return slashes .. (code == 92 and "\\\\" or utf8(code))
    end)
  end
  return (gsub(text, "\\(.)", function(char) return UNESCAPES[char] or char end))
end

local function decode(s, nulls)
  local pos, value = 1, nil
  local function fail() error("invalid json", 0) end
  local function skip() pos = find(s, "[^ \t\r\n]", pos) or #s + 1 end
  local function text()
    local from, escaped = pos + 1, false
    local close = from
    while true do
      close = find(s, '["\\]', close) or fail()
      if byte(s, close) == 34 then break end
      escaped, close = true, close + 2
    end
    pos = close + 1
    local raw = sub(s, from, close - 1)
    return escaped and unescape(raw) or raw
  end
  local function object()
    local out = {}
    pos = pos + 1
    skip()
    if byte(s, pos) == 125 then pos = pos + 1 return out end
    while true do
      if byte(s, pos) ~= 34 then fail() end
      local key = text()
      skip()
      if byte(s, pos) ~= 58 then fail() end
      pos = pos + 1
      out[key] = value()
      skip()
      local char = byte(s, pos)
      pos = pos + 1
      if char == 125 then return out elseif char ~= 44 then fail() end
      skip()
    end
  end
  local function array()
    local out, n = setmetatable({}, array_mt), 0
    pos = pos + 1
    skip()
    if byte(s, pos) == 93 then pos = pos + 1 return out end
    while true do
      n = n + 1
      out[n] = value()
      skip()
      local char = byte(s, pos)
      pos = pos + 1
      if char == 93 then return out elseif char ~= 44 then fail() end
    end
  end
  function value()
    skip()
    local char = byte(s, pos)
    if char == 34 then return text() elseif char == 123 then return object() elseif char == 91 then return array() end
    local word = string.match(s, "^%a+", pos)
    if word then
      pos = pos + #word
      if word == "true" then return true elseif word == "false" then return false elseif word ~= "null" then fail() end
      if nulls then return null end
      return nil
    end
    local number = string.match(s, "^-?%d+%.?%d*[eE]?[+-]?%d*", pos) or fail()
    pos = pos + #number
    return tonumber(number) or fail()
  end
  local out = value()
  skip()
  if pos <= #s then fail() end
  return out
end

return { encode = encode, decode = decode, array_mt = array_mt }
