-- The store of one node: its own shared dictionary. See store_redis.lua for what each function means.
local entries = ngx.shared[C.dictionary]
local store = {}

function store.get(key) return (entries:get("e:" .. key)) end

function store.claim(key) return entries:get("e:" .. key), nil, true end

function store.put(key, text, seconds)
  local ok, err, evicted = entries:set("e:" .. key, text, seconds)
  if not ok then
    kong.log.warn("an answer of ", #text, " bytes is not stored: ", err)
    return nil, "store-full"
  end
  return true, evicted
end

function store.give_up() end

function store.hurry() end

function store.is_ready() return true end

function C.later(_, work, ...) return true, work(...) end
