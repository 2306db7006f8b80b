-- The environment of untrusted Lua under Kong's `untrusted_lua = sandbox`: copies of safe functions, all of ngx and kong.
local ngx, kong, modules = ...
local loaded = {}
local FUNCTIONS = { "assert", "error", "ipairs", "next", "pairs", "pcall", "print", "select", "tonumber", "tostring", "type", "unpack", "xpcall" }
local MODULES = {
  string = { "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse", "sub", "upper" },
  table = { "concat", "insert", "maxn", "move", "remove", "sort" },
  os = { "clock", "date", "difftime", "time" },
  io = { "type" },
}

local function copy(module, names)
  local own = {}
  for _, name in ipairs(names) do own[name] = module[name] end
  return own
end

local function whole(module)
  local own = {}
  for name, value in pairs(module) do own[name] = value end
  return own
end

local allowed = {}
for _, name in ipairs(kong.configuration.untrusted_lua_sandbox_requires) do allowed[name] = true end

local function require_allowed(name)
  if not allowed[name] then error("require '" .. tostring(name) .. "' not allowed within sandbox", 0) end
  if not modules[name] then error("module '" .. name .. "' not found", 0) end
  loaded[name] = loaded[name] or modules[name]()
  return loaded[name]
end

return function()
  local env = copy(_G, FUNCTIONS)
  for name, names in pairs(MODULES) do env[name] = copy(_G[name], names) end
  env.math, env.bit, env.coroutine = whole(math), whole(bit), whole(coroutine)
  env.table.unpack = unpack
  env.jit = { version = jit.version, os = jit.os, arch = jit.arch }
  env.ngx, env.kong, env._G = ngx, kong, env
  env.require = require_allowed
  return env
end
