-- C.is_off(): whether verification has switched this model's cache off on this node. Bound to the model's version and
-- generation: only another one switches it on again.
do
  local dictionary, name = ngx.shared[C.dictionary], C.verification .. "off"
  local cause                            -- kept by each worker, too: the dictionary may lose what it holds

  function C.is_off()
    local found = dictionary:get(name)
    if found then cause = found elseif cause then dictionary:set(name, cause) end
    return cause
  end
end
