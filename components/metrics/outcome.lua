-- became(request, outcome, detail): what became of the request, for the metrics and for Kong's log plugins. The key tells
-- one question from another and leads back to none: of the request itself nothing is told.
local set_log_value = kong.log.set_serialize_value

local function became(request, outcome, detail)
  request.outcome, request.detail = outcome, detail or ""
  if C.is_shard then return end          -- the node that the caller asked tells
  set_log_value("prediction_cache", {
    model = C.model, version = C.version, question = request.key or nil, outcome = outcome, detail = request.detail,
    bypass = outcome == "bypass" and detail or nil,
  })
end
