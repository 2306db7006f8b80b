-- ngx.socket.tcp: sockets of lua-nginx-module. Python has the connection; what it received is kept and parted here.
local state, py, check_may_wait, await = ...
local find, sub, gsub, concat, type, tostring = string.find, string.sub, string.gsub, table.concat, type, tostring
local DEFAULT_SECONDS, POOL_SIZE, IDLE_MILLISECONDS = 60, 256, 60000   -- lua_socket_pool_size is Kong's

local Socket = {}
Socket.__index = Socket
local inner = setmetatable({}, { __mode = "k" })   -- out of the sandbox's reach: number, owner, pool, reused, buffer

local function inside(socket)
  local own = inner[socket]
  if own.owner ~= state.request.id then error("bad request", 3) end
  return own
end

local function seconds(milliseconds)
  if milliseconds == nil or milliseconds == 0 then return DEFAULT_SECONDS end
  if type(milliseconds) ~= "number" or milliseconds < 0 then error("bad timeout value", 3) end
  return milliseconds / 1000
end

function Socket:settimeouts(connect, send, read)
  local own = inside(self)
  own.connect_seconds, own.send_seconds, own.read_seconds = seconds(connect), seconds(send), seconds(read)
end
function Socket:settimeout(all) return self:settimeouts(all, all, all) end

local function option(options, name, kind)
  local value = options[name]
  if value ~= nil and type(value) ~= kind then error(('bad "%s" option type: %s'):format(name, type(value)), 3) end
  return value
end

-- connect(host, port[, options]) or connect("unix:PATH"[, options])
function Socket:connect(host, port, options)
  local own = inside(self)
  if own.number then py.socket_close(own.owner, own.number) end
  own.number, own.buffer = nil, ""
  if type(port) == "table" then port, options = nil, port end
  options, port = options or {}, tonumber(port)
  if not port and sub(host, 1, 5) ~= "unix:" then return nil, "missing the port number" end
  if port and (port < 0 or port > 65535) then return nil, "bad port number: " .. port end
  local size, backlog = option(options, "pool_size", "number"), option(options, "backlog", "number")
  own.pool = options.pool and tostring(options.pool) or port and host .. ":" .. port or host
  local number, reused = py.socket_take(own.owner, own.pool)
  if not number then
    number, reused = await("connect", own.owner, host, port or 0, own.pool, size or backlog and POOL_SIZE, backlog, own.connect_seconds)
  end
  if not number then return nil, reused end
  own.number, own.reused = number, reused
  return 1
end

function Socket:sslhandshake(_, server_name, verify)
  local own = inside(self)
  if not own.number then return nil, "closed" end
  return await("secure", own.number, verify and true or false, server_name, own.connect_seconds)
end

local function flat(data, out)
  for i = 1, #data do
    if type(data[i]) == "table" then flat(data[i], out) else out[#out + 1] = tostring(data[i]) end
  end
  return out
end

function Socket:send(data)
  local own = inside(self)
  if not own.number then return nil, "closed" end
  data = type(data) == "table" and concat(flat(data, {})) or tostring(data)
  local sent, err = py.socket_send(own.number, data)
  if sent == false then sent, err = await("drain", own.number, own.send_seconds) end
  if not sent then return nil, err end
  return #data
end

-- Waits for at least `size` more bytes in the buffer; nil and why they did not come.
local function fill(own, size)
  local data, err = await("read", own.number, size, own.read_seconds)
  own.buffer = own.buffer == "" and data or own.buffer .. data
  return not err, err
end

local function take(own, first, last)
  local data = sub(own.buffer, first, last)
  own.buffer = sub(own.buffer, last + 1)
  return data
end

local function failed(own, err)
  local partial = take(own, 1, #own.buffer)
  if err == "closed" then own.read_closed = true end
  return nil, err, partial
end

-- receive(bytes), or a line without its end
function Socket:receive(size)
  local own = inside(self)
  if not own.number or own.read_closed then return nil, "closed" end
  if type(size) == "number" then
    if #own.buffer < size then
      local ok, err = fill(own, size - #own.buffer)
      if not ok then return failed(own, err) end
    end
    return take(own, 1, size)
  end
  local from = 1
  while true do
    local at = find(own.buffer, "\n", from, true)
    if at then return (gsub(sub(take(own, 1, at), 1, -2), "\r", "")) end
    from = #own.buffer + 1
    local ok, err = fill(own, 1)
    if not ok then return failed(own, err) end
  end
end

function Socket:getreusedtimes()
  local own = inside(self)
  if not own.number then return nil, "closed" end
  return own.reused
end

function Socket:setkeepalive(idle_milliseconds, pool_size)
  local own = inside(self)
  if not own.number or own.read_closed then return nil, "closed" end
  if own.buffer ~= "" then return nil, "unread data in buffer" end
  local ok, err = py.socket_keep(own.owner, own.number, idle_milliseconds or IDLE_MILLISECONDS, own.pool, pool_size or POOL_SIZE)
  if not ok then return nil, err end
  own.number = nil
  return 1
end

function Socket:close()
  local own = inside(self)
  if not own.number then return nil, "closed" end
  local number = own.number
  own.number, own.buffer, own.read_closed = nil, "", nil
  return py.socket_close(own.owner, number)
end

return function()
  check_may_wait()
  local socket = setmetatable({}, Socket)
  inner[socket] = { owner = state.request.id, buffer = "", connect_seconds = DEFAULT_SECONDS, send_seconds = DEFAULT_SECONDS,
    read_seconds = DEFAULT_SECONDS }
  return socket
end
