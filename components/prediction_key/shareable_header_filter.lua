-- Part of post-function's header_filter: an answer that every caller may get, for the seconds that it has left.
do
  local time, http_time = ngx.time, ngx.http_time
  -- Of one caller or one moment: they would be replayed.
  local RATE_LIMIT = {
    "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset",
    "X-RateLimit-Limit-Second", "X-RateLimit-Limit-Minute", "X-RateLimit-Limit-Hour",
    "X-RateLimit-Remaining-Second", "X-RateLimit-Remaining-Minute", "X-RateLimit-Remaining-Hour",
  }
  local OF_ONE_ORIGIN = { "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials" }

  local function clear(header, names)
    for i = 1, #names do header[names[i]] = nil end
  end

  function C.make_public(header, seconds, must_revalidate)
    header["Age"], header["X-Request-ID"] = nil, nil
    if header["RateLimit-Limit"] then clear(header, RATE_LIMIT) end
    if header["Access-Control-Allow-Origin"] ~= "*" then clear(header, OF_ONE_ORIGIN) end
    header["Date"] = http_time(time())  -- a hit's is that of the stored answer, whose age the seconds leave out
    header["Cache-Control"] = "public, max-age=0, s-maxage=" .. seconds .. (must_revalidate and "" or C.stale)
    header["Cache-Tag"] = C.cache_tag
  end
end
