-- post-function, access, on the way to a pool with affinity: requests that have something in common get one target,
-- as long as it is not much busier than the others (consistent hashing with bounded loads, arXiv:1608.01350).
local read_body, get_body_data = ngx.req.read_body, ngx.req.get_body_data
local var, md5_bin = ngx.var, ngx.md5_bin
local byte, gmatch = string.byte, string.gmatch
local random = math.random

local WALK = 32                         -- so many slots are looked at for a target that has room
-- One of so many requests to a busy target asks an unknown slot instead: when all requests have the same in common, a
-- target could else stay unknown, and the mean be of the others alone.
local EXPLORING = 32
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

local listed, addresses = nil, {}       -- the targets that answered lately: as listed by the log phase, and parsed
local function known_addresses()
  local text = dictionary:get(C.addresses_key)
  if text ~= listed then
    listed, addresses = text, {}
    for address in gmatch(text or "", "%S+") do addresses[#addresses + 1] = address end
  end
  return addresses
end

local function most_allowed()
  local known, total = known_addresses(), 1
  for i = 1, #known do total = total + in_flight(known[i]) end
  return math.max(ALWAYS_ALLOWED, math.ceil(C.max_load_factor * total / math.max(1, #known)))
end

-- A slot that nobody has asked yet, of those that a request looks at.
local function unknown_slot(first, step)
  for i = 1, WALK - 1 do
    local slot = (first + i * step) % SLOTS
    if not target_of(slot) then return slot end
  end
end

-- Returns the slot, its target, and what became of the wish for the first one. A slot whose target nobody knows yet
-- counts as a target of its own.
local function choose(digest)
  local a, b, c, d = byte(digest, 1, 4)
  local first, step = (a * 256 + b) % SLOTS, 2 * (c * 256 + d) + 1
  local most = most_allowed()
  local calmest, its_slot, its_load
  for i = 0, WALK - 1 do
    local slot = (first + i * step) % SLOTS
    local address = target_of(slot)
    local outcome = i > 0 and "spilled" or address and "kept" or "new"
    address = address or "?" .. slot
    local load = in_flight(address)
    if i == 0 and load >= ALWAYS_ALLOWED and random(EXPLORING) == 1 then
      local other = unknown_slot(first, step)
      if other then return other, "?" .. other, "spilled" end
    end
    if load < most then return slot, address, outcome end
    if not its_load or load < its_load then calmest, its_slot, its_load = address, slot, load end
  end
  return its_slot, calmest, its_slot == first and "kept" or "spilled"
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
