local function base64url(value)         -- RFC 4648 section 5, without padding
  return (string.gsub(string.gsub(ngx.encode_base64(value, true), "%+", "-"), "/", "_"))
end
