-- What the node's workers know together of a pool; nothing, on a node without that dictionary.
local function nothing() end
local dictionary = ngx.shared[C.dictionary] or { get = nothing, set = nothing, incr = nothing }
