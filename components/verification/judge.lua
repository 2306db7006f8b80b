-- judge(outcome): weighs same, wrong and nondeterministic answers; returns the cause when the cache has to go off.
--
-- Page's cumulative sum (doi.org/10.1093/biomet/41.1-2.100): each outcome counts by how much likelier it is when the
-- odds of a mismatch are ODDS times those of max_mismatch_ratio than when they are just those. It never falls below 0, so
-- that a thousand right answers before do not hide a model that is changed now; and what stays below the ratio hardly
-- ever gets to the LIMIT. Above 0 is a doubt: every hit is verified until it is settled.
local dictionary = ngx.shared[C.dictionary]
local SCORE, MISMATCHES, UNSTABLE = C.verification .. "s", C.verification .. "k", C.verification .. "u"
local ODDS, LIMIT = 3, 5
local ratio = C.max_mismatch_ratio
local worse = ODDS * ratio / (1 - ratio + ODDS * ratio)
local MISMATCH, SAME = math.log(worse / ratio), math.log((1 - worse) / (1 - ratio))

local function in_doubt() return (dictionary:get(SCORE) or 0) > 0 end

local function judge(outcome)
  local score, k, u = dictionary:get(SCORE) or 0, dictionary:get(MISMATCHES) or 0, dictionary:get(UNSTABLE) or 0
  if outcome == "same" then
    if score == 0 then return end
    score = score + SAME
  else
    score, k = score + MISMATCH, k + 1
    if outcome == "nondeterministic" then u = u + 1 end
  end
  local cause
  if score >= LIMIT then
    -- A model that was changed says the same whenever it is asked.
    cause = u * 8 >= k and "nondeterministic" or "wrong"
  end
  if cause or score <= 0 then score, k, u = 0, 0, 0 end
  dictionary:set(SCORE, score)
  dictionary:set(MISMATCHES, k)
  dictionary:set(UNSTABLE, u)
  return cause
end
