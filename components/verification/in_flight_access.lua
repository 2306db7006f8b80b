-- post-function, access, on the way to the model: one more request of this worker is there. See verify_log.lua.
local dictionary, name = ngx.shared[C.dictionary], C.model_scope .. "in-flight:" .. ngx.worker.pid()

return function()
  ngx.ctx.prediction_in_flight = dictionary:incr(name, 1, 0) ~= nil
end
