-- C.is_off(), with a store that all nodes share: what one node has found out, all heed, also those that start later.
do
  local is_off_here = C.is_off
  local dictionary, name, asked = ngx.shared[C.dictionary], C.verification .. "off", C.verification .. "asked"
  local SECONDS = 5

  function C.is_off()
    local cause = is_off_here()
    if dictionary:add(asked, true, SECONDS) then
      local shared = store.get_off()
      if cause and shared == false then store.put_off(cause) end
      if shared and not cause then
        dictionary:set(name, shared)
        cause = shared
      end
    end
    return cause
  end
end
