-- Part of post-function's header_filter: no cache on the way keeps the answer to a GET, whoever gave it (also 401, 429
-- or 503), unless shareable_header_filter.lua makes it public.
do
  local FOR_CACHES = { "Expires", "Pragma", "CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Surrogate-Control", "Cache-Tag" }
  local make_public = C.make_public

  function C.finish_twin(request, seconds)
    local header = ngx.header
    for i = 1, #FOR_CACHES do header[FOR_CACHES[i]] = nil end
    if request.public and seconds and seconds > 0 then return make_public(header, seconds, request.must_revalidate) end
    header["Cache-Control"] = "private, no-store"
  end
end
