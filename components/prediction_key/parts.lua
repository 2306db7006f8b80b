-- Where the parts of a key stand. 1 to 4: model, version, generation, rules; a header for each of C.headers.
local ENDPOINT, TARGET, BODY, FIRST_HEADER = 5, 6, 7, 8
local LAST = FIRST_HEADER + #C.headers - 1
-- Who asks. With a store of our own the consumer, in the key; before authentication only the credential as it was sent:
-- in the memo and the flight, while proxy-cache adds the consumer to its key.
local CALLER = LAST + 1
local function new_parts(target)         -- a literal, as a table that grows is slow; more than 24 headers let it grow
  local parts = {
    false, false, false, false, false, false, false, false, false, false, false, false, false, false, false, false,
    false, false, false, false, false, false, false, false, false, false, false, false, false, false, false, false,
  }
  parts[TARGET] = target
  return parts
end
local ORIGIN, TOKEN = LAST + 2, LAST + 3   -- read for shareable.lua alone: in no key
