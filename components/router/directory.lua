-- post-function, access, of the service behind the entry paths and the list of models: answers everything that was not
-- routed to a model. It comes after authentication: a caller is told of the models that it may use.
local exit = kong.response.exit
local get_consumer = kong.client.get_consumer
local concat, find = table.concat, string.find

local LIMIT = C.header and ", or name the model in the header " .. C.header or ""

-- reason -> status, code, and a message to which the detail is added. OpenAI's clients show both.
local REFUSALS = {
  method = { 405, "method_not_allowed", "This path takes only " },
  headers = { 431, "too_many_headers", "The request has too many headers" },
  header = { 400, "ambiguous_model", "The header " .. (C.header or "") .. " must come once, and in this spelling alone" },
  differs = { 400, "ambiguous_model", "The body and the header " .. (C.header or "") .. " name different models" },
  json = { 400, "invalid_json", "The body is not JSON that every parser reads alike: " },
  missing = { 400, "model_missing", "The body must name a model at " .. C.pointer_text },
  ["not-a-string"] = { 400, "model_missing", "The model at " .. C.pointer_text .. " must be a string" },
  unknown = { 404, "model_not_found", "There is no model " },
  ["served-name"] = { 413, "request_too_large", "The model server knows another name, so the body must name the model at "
    .. C.pointer_text .. ", too: send JSON of at most " .. C.max_body_bytes .. " bytes with a Content-Length" },
  length = { 411, "length_required", "Send a Content-Length" .. LIMIT },
  size = { 413, "request_too_large", "Send at most " .. C.max_body_bytes .. " bytes" .. LIMIT },
  buffer = { 413, "request_too_large", "Send fewer bytes than the gateway's client_body_buffer_size" .. LIMIT },
  ["content-type"] = { 415, "unsupported_content_type", "Send application/json" .. LIMIT },
  ["content-encoding"] = { 415, "unsupported_content_encoding", "Send a body without Content-Encoding" .. LIMIT },
  error = { 500, "router_error", "The model router failed" },
  absent = { 503, "router_missing", "The model router is not ready" },
}
local OF_THE_SERVER = { error = true, absent = true }

local function names_of_caller()
  local consumer = get_consumer()
  return C.lists[consumer and C.callers[consumer.username] or C.others]
end

local function quoted(names)            -- of letters, digits and . _ : / @ - alone
  return #names > 0 and '"' .. concat(names, '","') .. '"' or ""
end

local function answer(status, body, headers)
  headers = headers or {}
  headers["Content-Type"], headers["Cache-Control"] = "application/json", "no-store"
  return exit(status, body, headers)
end

local function list()
  local names, data = names_of_caller(), {}
  for i = 1, #names do
    data[i] = '{"id":"' .. names[i] .. '","object":"model","created":0,"owned_by":"inference-edge"}'
  end
  return answer(200, '{"object":"list","data":[' .. concat(data, ",") .. "]}")
end

local function refuse(reason, detail)
  local refusal, more, headers = REFUSALS[reason], "", nil
  if reason == "unknown" then
    more = ',"models":[' .. quoted(names_of_caller()) .. "]"
    detail = #detail <= 128 and find(detail, "^[%w._:/@-]+$") and "'" .. detail .. "'" or "of that name"
  elseif reason == "method" then
    headers = { Allow = detail }
  end
  local is_own = OF_THE_SERVER[reason]
  return answer(refusal[1], concat({
    '{"error":{"message":"', refusal[3], detail or "", '","type":"', is_own and "server_error" or "invalid_request_error",
    '","param":', is_own and "null" or '"' .. C.param .. '"', ',"code":"', refusal[2], '"', more, "}}",
  }), headers)
end

return function()
  local routing = ngx.ctx.routing
  if not routing then return refuse("absent") end
  if routing.lists then return list() end
  -- With a model, but not on its route: not on this host, say.
  routing.answered = routing.refused or "unknown"
  return refuse(routing.answered, routing.detail or routing.name)
end
