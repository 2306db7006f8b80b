-- post-function, access: adds what the model's endpoint asks of Kong, after everything that could see or change it.
local get_headers, set_header, clear_header = ngx.req.get_headers, ngx.req.set_header, ngx.req.clear_header
local find, gsub = string.find, string.gsub

return function()
  for name in pairs(get_headers(0)) do  -- many servers read x_api_key as x-api-key
    if find(name, "_", 1, true) and C.headers[gsub(name, "_", "-")] then clear_header(name) end
  end
  for name, value in pairs(C.headers) do set_header(name, value) end
end
