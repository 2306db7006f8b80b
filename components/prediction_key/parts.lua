-- Where the parts of a key stand. 1 to 4: model, version, generation, rules; a header for each of C.headers.
local ENDPOINT, TARGET, BODY, FIRST_HEADER = 5, 6, 7, 8
local LAST = FIRST_HEADER + #C.headers - 1
local CREDENTIAL = LAST + 1             -- of the caller, before it is checked: in the memo and the flight, not in the key
local ORIGIN, TOKEN = LAST + 2, LAST + 3   -- read for shareable.lua alone: in neither
