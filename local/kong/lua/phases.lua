-- The phases of one request over its plugins: those that were met run their filters and log.
-- An answer is given as host.lua's functions give it: "respond", status, proxied, headers, body | "close"
local state, py, text, ngx, requests = ...

local function call(request, phase, plugin, handler)
  state.request, state.phase, state.plugin = request, phase, plugin
  return pcall(handler, plugin.config, plugin)
end

local function report(request, phase, plugin, err)
  py.log(ngx.ERR, "[" .. plugin.name .. "] " .. phase .. ": " .. tostring(err) .. ", request_id: " .. request.request_id)
end

-- The instance that applies now: the consumer may have become known since the last plugin.
local function pick(request, candidates)
  for i = 1, #candidates do
    local wanted = candidates[i].consumer_id
    if not wanted or request.consumer and request.consumer.id == wanted then return candidates[i] end
  end
end

local function collect_rest(request)
  for i = request.position + 1, #request.plan do request.plugins[#request.plugins + 1] = pick(request, request.plan[i]) end
  request.position = #request.plan
end

-- Of the global instances alone.
local function rewrite(request)
  for _, candidates in ipairs(request.plan) do
    local plugin = pick(request, candidates)
    if plugin and plugin.handler.rewrite then
      request.current = plugin
      local ok, err = call(request, "rewrite", plugin, plugin.handler.rewrite)
      if not ok then return plugin, err end
    end
  end
end

local function access(request)
  while request.position < #request.plan do
    request.position = request.position + 1
    local plugin = pick(request, request.plan[request.position])
    if plugin then
      request.plugins[#request.plugins + 1] = plugin
      request.current = plugin
      if plugin.handler.access then
        local ok, err = call(request, "access", plugin, plugin.handler.access)
        if not ok then return plugin, err end
      end
    end
  end
end

local function log(request)
  requests[request.id] = nil
  for _, plugin in ipairs(request.plugins) do
    if plugin.handler.log then
      local ok, err = call(request, "log", plugin, plugin.handler.log)
      if not ok then report(request, "log", plugin, err) end
    end
  end
end

-- Runs a filter of every plugin; false when one failed, which closes the client's connection without (more of) an answer.
local function filter(request, phase)
  for _, plugin in ipairs(request.plugins) do
    if plugin.handler[phase] then
      local ok, err = call(request, phase, plugin, plugin.handler[phase])
      if not ok then
        report(request, phase, plugin, err)
        return false
      end
    end
  end
  return true
end

local function filter_chunk(request, data, eof)
  local arg = ngx.arg
  arg[1], arg[2] = data, eof
  if not filter(request, "body_filter") then return nil end
  return arg[1] or ""
end

local function answer(request, body)
  collect_rest(request)
  local whole = filter(request, "header_filter")
  body = request.reply or body
  request.reply = nil
  if whole and request.client_method ~= "HEAD" then
    body = filter_chunk(request, body, true)
    whole = body ~= nil
  end
  log(request)
  if not whole then return "close", 0 end
  return "respond", request.status, request.ctx.KONG_PROXIED or false, text.join_headers(request.answer), body
end

local function answer_error(request, status, message, accept)
  local content_type, body = text.error_body(accept, message or py.error_message(status), request.request_id)
  request.status, request.reply = status, nil
  text.set_header(request.answer, "Content-Type", content_type)
  return answer(request, body)
end

local function first_of(request, name)
  local value = text.get_header(request.headers, name)
  return type(value) == "table" and value[1] or value
end

-- nginx's own error page: in the type of Accept, else of the request's body, else plain text.
local function error_page(request, status, message)
  return answer_error(request, status, message, first_of(request, "accept") or first_of(request, "content-type") or "text/plain")
end

return { rewrite = rewrite, access = access, log = log, filter = filter, filter_chunk = filter_chunk, collect_rest = collect_rest, report = report,
  answer = answer, answer_error = answer_error, error_page = error_page, first_of = first_of }
