-- GET <route>?input=<base64url of the JSON body>: a question in a URL, which an HTTP cache can keep.
--
-- Turned into its POST before anything else looks at it: the key, the other plugins and the model see no difference.
do
  local var = ngx.var
  local set_header, clear_header, set_method = ngx.req.set_header, ngx.req.clear_header, ngx.req.set_method
  local set_uri_args, read_body, set_body_data = ngx.req.set_uri_args, ngx.req.read_body, ngx.req.set_body_data
  local decode_base64, encode_base64 = ngx.decode_base64, ngx.encode_base64
  local gsub, match, ceil = string.gsub, string.match, math.ceil
  local MAX_CHARACTERS = ceil(C.max_input_bytes * 4 / 3)
  local OF_THE_GET = { "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range" }

  local function refuse(status, message) return kong.response.exit(status, { message = message }) end

  function C.take_input(request)
    request.twin = true
    local length = var.http_content_length
    if var.http_transfer_encoding or length and length ~= "0" then
      return refuse(400, "a GET has its question in ?input=, not in a body")
    end
    local input = match(var.args or "", "^input=([%w_-]+)$")
    if not input then
      return refuse(400, "the query must be input=<the JSON body as base64url without padding>, and nothing else")
    end
    if #input > MAX_CHARACTERS then
      return refuse(414, "input may hold " .. C.max_input_bytes .. " bytes: send a longer question by POST")
    end
    local standard = gsub(gsub(input, "-", "+"), "_", "/")
    local body = #input % 4 ~= 1 and decode_base64(standard)
    if not body or encode_base64(body, true) ~= standard then   -- one question, one spelling
      return refuse(400, "input is not base64url without padding")
    end
    request.input = body
    request.target = match(var.request, "^[^?]*")   -- as in proxy-cache's own key
    set_header("Content-Length", "0")   -- HTTP/2 may leave it out and send a body all the same
    read_body()
    set_body_data(body)
    set_method(ngx.HTTP_POST)
    set_uri_args("")
    set_header("Content-Type", "application/json")
    for i = 1, #OF_THE_GET do clear_header(OF_THE_GET[i]) end
  end

  function C.refuse_unshared()
    return refuse(400, "a header of this GET may change the answer, and a shared cache cannot tell: use POST")
  end

  local MALFORMED = {
    string = true, escape = true, value = true, name = true, colon = true, separator = true, trailing = true,
  }

  local function is_well_formed(document)
    local ok, reason = pcall(canonical, document)
    return ok or not MALFORMED[sub(reason, 4)]
  end

  local function is_scalar(input)       -- one value, where an element may stand and where a member's value may
    return is_well_formed("[" .. input .. "]") and is_well_formed('{"":' .. input .. "}")
  end

  function C.refuse_malformed(input, reason)
    if MALFORMED[reason] or reason == "not-a-container" and not is_scalar(input) then
      return refuse(400, "input is not JSON (" .. reason .. ")")
    end
  end
end
