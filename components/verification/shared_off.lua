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
        cause = shared == "nondeterministic" and shared or "wrong"   -- whatever else stands there: the metric has two
        dictionary:set(name, cause)
      end
    end
    return cause
  end
end
