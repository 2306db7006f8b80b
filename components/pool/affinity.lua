-- post-function, access, on the way to a pool with affinity: requests that have something in common get one target,
-- as long as it is not much busier than the others (consistent hashing with bounded loads, arXiv:1608.01350).
local read_body, get_body_data = ngx.req.read_body, ngx.req.get_body_data
local var, md5_bin = ngx.var, ngx.md5_bin
local byte = string.byte

local WALK = 32                         -- so many slots are looked at when the first one's target is busy
local ALWAYS_ALLOWED = 2                -- requests at once that make no target busy, whatever the mean

local function body_of()
  read_body()
  return get_body_data() or ""          -- "": too large for nginx's buffer
end

local COMMON = {
  prompt = function()
    local model, prompt = prompt_of(body_of())
    return model .. "\n" .. prompt
  end,
  key = function()
    local request = ngx.ctx.prediction
    return request and request.key or body_of()
  end,
}
function COMMON.session()
  local session = var[C.session_variable]
  return session and session ~= "" and session or COMMON.prompt()
end
local common = COMMON[C.by]

-- The least busy look at nobody else. Who has more to do than that is compared with the targets of other slots, in an
-- order of the request's own; a slot whose target nobody knows yet counts as a target of its own, and so is looked at.
-- Returns the slot, its target, and what became of the wish for the first one.
local function choose(digest)
  local a, b, c, d = byte(digest, 1, 4)
  local first, step = (a * 256 + b) % SLOTS, 2 * (c * 256 + d) + 1
  local known = target_of(first)
  local wanted = known or "?" .. first
  local load = in_flight(wanted)
  if load < ALWAYS_ALLOWED then return first, wanted, known and "kept" or "new" end

  local slots, targets, loads = { first }, { wanted }, { [wanted] = load }
  local count, total = 1, load + 1
  for i = 2, WALK do
    local slot = (first + (i - 1) * step) % SLOTS
    local target = target_of(slot) or "?" .. slot
    slots[i], targets[i] = slot, target
    if not loads[target] then
      loads[target] = in_flight(target)
      count, total = count + 1, total + loads[target]
    end
  end
  local most = math.max(ALWAYS_ALLOWED, math.ceil(C.max_load_factor * total / count))
  local i = 1
  while loads[targets[i]] >= most do i = i + 1 end   -- ends: not all can have more than the mean
  return slots[i], targets[i], i > 1 and "spilled" or known and "kept" or "new"
end

return function()
  local ok, wish = pcall(common)
  if not ok then
    kong.log.err("affinity: ", wish)
    wish = ""
  end
  if wish == "" or wish == "\n" then wish = var.request_id end   -- nothing to go by: any target
  go_to(choose(md5_bin(C.model .. "\n" .. wish)))
end
