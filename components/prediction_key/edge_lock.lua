-- pre-function, access, first of all: nobody gets in but through the edge, which alone knows X-Origin-Verify.
--
-- Only digests of the accepted values stand here, and digests are what is compared: the time it takes tells nothing.
-- nginx joins the values of a header that is sent several times, in whatever spelling, so those match no digest.
local var, clear_header, hmac_sha1 = ngx.var, ngx.req.clear_header, ngx.hmac_sha1
local NO_STORE = { ["Cache-Control"] = "no-store" }

local function refuse() return kong.response.exit(403, { message = "this gateway answers its edge only" }, NO_STORE) end

return function()
  local value = var.http_x_origin_verify
  if not value or not C.accepted[hmac_sha1(C.seed, value)] then return refuse() end
  if C.client_certificate and var.ssl_client_verify ~= "SUCCESS" then return refuse() end
  clear_header("X-Origin-Verify")
  if var.http_x_origin_verify then return refuse() end   -- spelled with _: it would go on to the model
end
