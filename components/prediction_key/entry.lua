-- An answer as a store keeps it: encode_entry(key, answer) -> text; decode_entry(key, text) -> answer, or nothing.
--
-- MAC (20 bytes) "P1 <created> <ttl> <stale> <status> <bytes of the headers>\n" <headers: name \n value \n ...> <body>.
-- The MAC is keyed with the model's own secret and covers the name under which the answer is kept: what is damaged, cut
-- off, of another model or another question, or written by somebody else, is no answer. Nothing of the request is kept.
local mac_of = ngx.hmac_sha1
local match, gmatch, sub, concat = string.match, string.gmatch, string.sub, table.concat
local FORM = "^(P1 (%d+) (%d+) (%d+) (%d%d%d) (%d+)\n)()"

local function sign(key, head, headers, body) return mac_of(C.secret, key .. head .. headers .. body) end

-- answer: created and ttl_seconds, stale_seconds (how long after that it may be served), status, headers, body.
local function encode_entry(key, answer)
  local lines, n = {}, 0
  for name, value in pairs(answer.headers) do
    lines[n + 1], lines[n + 2], lines[n + 3], lines[n + 4] = name, "\n", value, "\n"
    n = n + 4
  end
  local headers = concat(lines)
  local head = "P1 " .. answer.created .. " " .. answer.ttl_seconds .. " " .. answer.stale_seconds .. " " .. answer.status
    .. " " .. #headers .. "\n"
  return sign(key, head, headers, answer.body) .. head .. headers .. answer.body
end

local function decode_entry(key, text)
  local head, created, ttl_seconds, stale_seconds, status, length, at = match(text, FORM, 21)
  if not head then return end
  local headers, body = sub(text, at, at + length - 1), sub(text, at + length)
  if sign(key, head, headers, body) ~= sub(text, 1, 20) then return end
  local answer = {
    created = tonumber(created), ttl_seconds = tonumber(ttl_seconds), stale_seconds = tonumber(stale_seconds),
    status = tonumber(status), headers = {}, body = body,
  }
  for name, value in gmatch(headers, "([^\n]+)\n([^\n]*)\n") do answer.headers[name] = value end
  return answer
end
