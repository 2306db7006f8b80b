-- post-function, access, on the way to a pool: the calmer of two targets taken at random, each as often as its weight
-- says (the power of two choices, as nginx's `random two least_conn`).
local random = math.random

return function()
  local one, other = random(0, SLOTS - 1), random(0, SLOTS - 1)
  local its_target, others_target = target_of(one), target_of(other)
  if its_target and (not others_target or in_flight(others_target) < in_flight(its_target)) then
    one, its_target = other, others_target   -- one that nobody knows is looked at
  end
  go_to(one, its_target)
end
