-- resty.redis: the calls and results of lua-resty-redis for one server (no subscriptions). A value, ngx.null or a table;
-- false and the text of an error reply; nil and "timeout", "closed" or another trouble of the connection.
local ngx = ...
local null, byte, sub, tonumber, tostring, type = ngx.null, string.byte, string.sub, tonumber, tostring, type
local Redis = { _VERSION = "0.32" }

function Redis.new()
  local socket, err = ngx.socket.tcp()
  if not socket then return nil, err end
  return setmetatable({ _sock = socket }, { __index = Redis })
end

function Redis:set_timeout(milliseconds) self._sock:settimeout(milliseconds) end
function Redis:set_timeouts(connect, send, read) self._sock:settimeouts(connect, send, read) end

-- connect(host, port[, options]); options: ssl, ssl_verify, server_name, pool, pool_size, backlog
function Redis:connect(host, port, options)
  if type(host) ~= "string" then error("bad argument #1 host: string expected, got " .. type(host), 2) end
  if sub(host, 1, 5) == "unix:" then
    options = port
  elseif not tonumber(port) then
    error("bad argument #2 port: number expected, got " .. type(port), 2)
  end
  local ok, err = self._sock:connect(host, port, options)
  if not ok or not (options and options.ssl) then return ok, err end
  ok, err = self._sock:sslhandshake(false, options.server_name, options.ssl_verify)
  if not ok then return ok, "failed to do ssl handshake: " .. err end
  return ok
end

function Redis:set_keepalive(...) return self._sock:setkeepalive(...) end
function Redis:get_reused_times() return self._sock:getreusedtimes() end
function Redis:close() return self._sock:close() end

local function request(...)
  local arguments = { ... }
  local parts = { "*", #arguments, "\r\n" }
  for i = 1, #arguments do
    local argument = tostring(arguments[i])
    local n = #parts
    parts[n + 1], parts[n + 2], parts[n + 3], parts[n + 4], parts[n + 5] = "$", #argument, "\r\n", argument, "\r\n"
  end
  return table.concat(parts)
end

local function receive(socket, size)
  local data, err = socket:receive(size)
  if not data and err == "timeout" then socket:close() end   -- what comes later answers nobody
  return data, err
end

local PLUS, MINUS, COLON, DOLLAR, STAR = byte("+-:$*", 1, -1)
local read_reply

local function read_bulk(socket, size)
  if size < 0 then return null end
  local data, err = receive(socket, size)
  if not data then return nil, err end
  local line_end
  line_end, err = receive(socket, 2)
  if not line_end then return nil, err end
  return data
end

-- Error replies among the `count` ones become { false, text }.
local function read_several(socket, count)
  local replies = {}
  for i = 1, count do
    local reply, err = read_reply(socket)
    if reply == nil then return nil, err end
    replies[i] = reply or { false, err }
  end
  return replies
end

function read_reply(socket)
  local line, err = receive(socket)
  if not line then return nil, err end
  local prefix, rest = byte(line), sub(line, 2)
  if prefix == DOLLAR then return read_bulk(socket, tonumber(rest)) end
  if prefix == PLUS then return rest end
  if prefix == COLON then return tonumber(rest) end
  if prefix == MINUS then return false, rest end
  if prefix ~= STAR then return nil, 'unknown prefix: "' .. tostring(prefix) .. '"' end
  local count = tonumber(rest)
  if count < 0 then return null end
  return read_several(socket, count)
end

local function command(self, ...)
  local bytes = request(...)
  local pipeline = rawget(self, "_reqs")
  if pipeline then
    pipeline[#pipeline + 1] = bytes
    return
  end
  local sent, err = self._sock:send(bytes)
  if not sent then return nil, err end
  local reply
  reply, err = read_reply(self._sock)
  return reply, err
end

function Redis:init_pipeline() self._reqs = {} end
function Redis:cancel_pipeline() self._reqs = nil end
function Redis:commit_pipeline()
  local pipeline = rawget(self, "_reqs")
  if not pipeline then return nil, "no pipeline" end
  self._reqs = nil
  local sent, err = self._sock:send(pipeline)
  if not sent then return nil, err end
  return read_several(self._sock, #pipeline)
end

-- Every other name is a command.
return setmetatable(Redis, {
  __index = function(_, name)
    local method = function(self, ...) return command(self, name, ...) end
    Redis[name] = method
    return method
  end,
})
