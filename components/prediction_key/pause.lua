-- pause(request, waited): waits for another request's answer, longer each time; returns the seconds waited in all.
local function pause(request, waited)
  local step = math.max(0.005, math.min(0.25, waited / 10))
  ngx.sleep(step)
  request.collapsed = true
  return waited + step
end
