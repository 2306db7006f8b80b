-- pre-function, access: this path answers the nodes of its own gateway, which alone know what stands in C.lock_header.
--
-- Only a digest of it stands here, and digests are what is compared: the time it takes tells nothing. nginx joins the
-- values of a header that is sent several times, so those match no digest. The shards' health checks see the 403.
local var, clear_header, hmac_sha1 = ngx.var, ngx.req.clear_header, ngx.hmac_sha1

return function()
  local value = var[C.variable]
  if not value or not C.accepted[hmac_sha1(C.seed, value)] then
    return kong.response.exit(403, { message = "this path is the gateway's own" }, { ["Cache-Control"] = "no-store" })
  end
  clear_header(C.lock_header)
end
