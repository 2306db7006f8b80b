-- One request as the run loop keeps it: what came from the client, and what plugins make of it.
local text = ...
local FIELDS = string.rep("([^\n]*)\n", 10)

return function(id, now, path, fields, block, spilled, plan)
  local method, target, line, version, peer, peer_port, name, port, scheme, request_id = string.match(fields, FIELDS)
  local raw_path, args = string.match(target, "^([^?]*)%??(.*)$")
  return {
    id = id, started = now, method = method, client_method = method, target = target, version = version, path = path, raw_path = raw_path,
    args = args, line = line, peer = peer, peer_port = tonumber(peer_port), host = name, server_port = tonumber(port), scheme = scheme,
    request_id = request_id, block = block, headers = text.parse_headers(block), answer = text.parse_headers(""), status = 0,
    source = "error", ctx = {}, shared = {}, own = {}, chunks = {}, variables = {}, plugins = {}, position = 0, plan = plan, spilled = spilled,
  }
end
