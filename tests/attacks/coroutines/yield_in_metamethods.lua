-- expect: ok
-- Allowed by Lua 5.4, and must stay sound.
local mt = {__add = function() return coroutine.yield("a") end, __index = function() return coroutine.yield("i") end}
local co = coroutine.wrap(function() local t = setmetatable({}, mt); return t + 1 + t.x end)
local seen = {co(), co(1), co(2)}
return #seen == 3 and seen[3] == 3 and "sound"
