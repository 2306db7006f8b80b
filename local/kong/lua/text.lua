-- Text of HTTP: header lists, query arguments, URI escaping, the MIME type of an error. Pure functions.
local lower, gsub, find, sub, format, concat = string.lower, string.gsub, string.find, string.sub, string.format, table.concat
local M = {}

-- A header list keeps order, spelling and duplicates: { n = count, names = {}, lower = {}, values = {} }; `changed` once it was.
function M.parse_headers(block)
  local names, lowered, values = {}, {}, {}
  local n, from = 0, 1
  local name_end = find(block, "\n", 1, true)
  while name_end do
    local value_end = find(block, "\n", name_end + 1, true)
    local name = sub(block, from, name_end - 1)
    n = n + 1
    names[n], lowered[n], values[n] = name, lower(name), sub(block, name_end + 1, value_end - 1)
    from = value_end + 1
    name_end = find(block, "\n", from, true)
  end
  return { n = n, names = names, lower = lowered, values = values }
end

local function plain(value)
  value = tostring(value)
  return find(value, "[\r\n%z]") and gsub(value, "[\r\n%z]", " ") or value
end

function M.add_header(list, name, value)
  local n = list.n + 1
  list.changed = true
  list.n, list.names[n], list.lower[n], list.values[n] = n, name, lower(name), plain(value)
end

function M.clear_header(list, name)
  local key, kept = lower(name), 0
  for i = 1, list.n do
    if list.lower[i] ~= key then
      kept = kept + 1
      list.names[kept], list.lower[kept], list.values[kept] = list.names[i], list.lower[i], list.values[i]
    end
  end
  if kept == list.n then return end
  list.changed = true
  for i = kept + 1, list.n do list.names[i], list.lower[i], list.values[i] = nil, nil, nil end
  list.n = kept
end

-- Replaces in place, as nginx does; a new name goes to the end. A table gives several values.
function M.set_header(list, name, value)
  if type(value) == "table" then
    M.clear_header(list, name)
    for i = 1, #value do M.add_header(list, name, value[i]) end
    return
  end
  if value == nil then return M.clear_header(list, name) end
  local key, first, count = lower(name), nil, 0
  for i = 1, list.n do
    if list.lower[i] == key then first, count = first or i, count + 1 end
  end
  if count == 1 then
    list.changed = true
    list.names[first], list.values[first] = name, plain(value)
    return
  end
  if count > 1 then M.clear_header(list, name) end
  M.add_header(list, name, value)
end

-- The value, or a table of values when there are several.
function M.get_header(list, name)
  local key, found = lower(name), nil
  for i = 1, list.n do
    if list.lower[i] == key then
      if found == nil then found = list.values[i]
      elseif type(found) == "table" then found[#found + 1] = list.values[i]
      else found = { found, list.values[i] } end
    end
  end
  return found
end

local headers_mt = {
  __index = function(headers, key)
    if type(key) ~= "string" then return nil end
    local name = lower(key)
    local value = rawget(headers, name)
    if value == nil then value = rawget(headers, (gsub(name, "_", "-"))) end
    return value
  end,
}

-- As ngx.req.get_headers: at most `max` (0: no limit), then "truncated"; lower-case names unless `raw`.
function M.header_table(list, max, raw)
  local out, count = {}, list.n
  if max > 0 and count > max then count = max end
  for i = 1, count do
    local name = raw and list.names[i] or list.lower[i]
    local old = out[name]
    if old == nil then out[name] = list.values[i]
    elseif type(old) == "table" then old[#old + 1] = list.values[i]
    else out[name] = { old, list.values[i] } end
  end
  if not raw then setmetatable(out, headers_mt) end
  if count < list.n then return out, "truncated" end
  return out
end

function M.join_headers(list)
  local out = {}
  for i = 1, list.n do out[2 * i - 1], out[2 * i] = list.names[i], list.values[i] end
  return concat(out, "\n")
end

function M.unescape(text)
  text = gsub(text, "+", " ")
  return (gsub(text, "%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

function M.escape(text)
  return (gsub(tostring(text), "[^A-Za-z0-9._~!*'()-]", function(char) return format("%%%02X", string.byte(char)) end))
end

function M.decode_args(text, max)
  local args, count = {}, 0
  max = max or 100
  for part in string.gmatch(text or "", "[^&]+") do
    count = count + 1
    if max > 0 and count > max then return args, "truncated" end
    local at = find(part, "=", 1, true)
    local name, value = M.unescape(at and sub(part, 1, at - 1) or part), true
    if at then value = M.unescape(sub(part, at + 1)) end
    local old = args[name]
    if name ~= "" then
      if old == nil then args[name] = value
      elseif type(old) == "table" then old[#old + 1] = value
      else args[name] = { old, value } end
    end
  end
  return args
end

function M.encode_args(args)
  local out = {}
  local function put(name, value)
    if value == true then out[#out + 1] = M.escape(name)
    elseif value ~= false and value ~= nil then out[#out + 1] = M.escape(name) .. "=" .. M.escape(value) end
  end
  local names = {}
  for name in pairs(args) do names[#names + 1] = name end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(names) do
    if type(args[name]) == "table" then
      for _, value in ipairs(args[name]) do put(name, value) end
    else
      put(name, args[name])
    end
  end
  return concat(out, "&")
end

local TEMPLATES = {
  ["application/json"] = { "application/json; charset=utf-8", '{\n  "message":"%s",\n  "request_id":"%s"\n}' },
  ["text/plain"] = { "text/plain; charset=utf-8", "%s\nrequest_id: %s\n" },
  ["text/html"] = { "text/html; charset=utf-8",
    "<!doctype html>\n<html>\n  <head>\n    <meta charset=\"utf-8\">\n    <title>Error</title>\n  </head>\n  <body>\n"
    .. "    <h1>Error</h1>\n    <p>%s.</p>\n    <p>request_id: %s</p>\n  </body>\n</html>\n" },
  ["application/xml"] = { "application/xml; charset=utf-8",
    '<?xml version="1.0" encoding="UTF-8"?>\n<error>\n  <message>%s</message>\n  <requestid>%s</requestid>\n</error>' },
}

-- The content type and body of an error, in the type that `accept` prefers.
function M.error_body(accept, message, request_id)
  local best, best_q = "application/json", 0
  for part in string.gmatch(accept or "", "[^,]+") do
    local mime = string.match(lower(part), "^%s*([^%s;]+)")
    local q = tonumber(string.match(part, "q=([%d.]+)")) or 1
    if mime and q > best_q and (TEMPLATES[mime] or mime == "*/*") then best, best_q = TEMPLATES[mime] and mime or best, q end
  end
  local template = TEMPLATES[best]
  return template[1], format(template[2], message, request_id)
end

return M
