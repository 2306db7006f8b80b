-- judge(outcome): keeps count of same, wrong and nondeterministic answers; returns the cause when the cache has to go off.
--
-- One mismatch is a doubt: counting begins anew with it, and every hit is verified until the doubt is settled, so that a
-- thousand right answers before do not hide a model that is changed now. Judged by the lower end of the 95 % Wilson
-- score interval of the mismatch ratio (doi.org/10.1080/01621459.1927.10502953): chance alone switches nothing off.
local dictionary = ngx.shared[C.dictionary]
local COMPARED, MISMATCHES, UNSTABLE = C.verification .. "n", C.verification .. "k", C.verification .. "u"
local WINDOW = 500                       -- comparisons after which counting begins anew
local LEAST = 3                          -- mismatches that it takes, whatever the ratio
local Z = 1.96

local function lower_bound(k, n)
  local ratio, z2 = k / n, Z * Z
  local spread = Z * math.sqrt(ratio * (1 - ratio) / n + z2 / (4 * n * n))
  return (ratio + z2 / (2 * n) - spread) / (1 + z2 / n)
end

local function in_doubt() return (dictionary:get(MISMATCHES) or 0) > 0 end

local function judge(outcome)
  local n, k, u = dictionary:get(COMPARED) or 0, dictionary:get(MISMATCHES) or 0, dictionary:get(UNSTABLE) or 0
  if outcome ~= "same" then
    if k == 0 then n = 0 end
    k = k + 1
    if outcome == "nondeterministic" then u = u + 1 end
  end
  n = n + 1
  local cause
  if k >= LEAST and lower_bound(k, n) > C.max_mismatch_ratio then
    -- A model that was changed says the same whenever it is asked.
    cause = u * 4 >= k and "nondeterministic" or "wrong"
  end
  if cause or n >= WINDOW then n, k, u = 0, 0, 0 end
  dictionary:set(COMPARED, n)
  dictionary:set(MISMATCHES, k)
  dictionary:set(UNSTABLE, u)
  return cause
end
