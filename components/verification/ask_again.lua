-- ask_again(question): the model's answer now, or nothing. By a path of this node that only the gateway may use, so that
-- the request finds the model as any other does: its pool, credentials, time-outs and certificates are Kong's.
local tcp, sleep = ngx.socket.tcp, ngx.sleep
local spawn, wait, kill = ngx.thread.spawn, ngx.thread.wait, ngx.thread.kill
local match, find, lower = string.match, string.find, string.lower

local function receive(socket)
  local status = tonumber(match(socket:receive("*l") or "", "^HTTP/1%.%d (%d+)"))
  if not status or not C.response_codes[status] then return end
  local length
  while true do
    local line = socket:receive("*l")
    if not line then return end
    if line == "" then break end
    local name, value = match(line, "^([^:]+):%s*(.-)%s*$")
    name = lower(name or "")
    if name == "content-encoding" or name == "transfer-encoding" then return end
    if name == "content-length" then
      if length or not find(value, "^%d+$") then return end
      length = tonumber(value)
    end
  end
  if not length or length > C.max_response_bytes then return end
  return length == 0 and "" or socket:receive(length)
end

local function send(socket, question)
  local ok = socket:connect(question.host, question.port)
  if ok and question.is_tls then ok = socket:sslhandshake(nil, nil, false) end   -- to itself
  return ok and socket:send(question.text)
end

local function talk(socket, question) return true, send(socket, question) and receive(socket) or nil end

-- The time-outs are those of single steps: an answer that comes piece by piece keeps each of them. This bounds the whole,
-- so that a comparison ends before another may begin.
local function ask_again(question)
  local socket = tcp()
  socket:settimeouts(C.connect_milliseconds, C.answer_milliseconds, C.answer_milliseconds)
  local talker, clock = spawn(talk, socket, question), spawn(sleep, C.ask_seconds)
  local ok, done, answer = wait(talker, clock)
  kill(talker)
  kill(clock)
  socket:close()
  if not ok then error(done, 0) end
  return answer
end
