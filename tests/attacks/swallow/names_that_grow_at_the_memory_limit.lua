-- expect: memory_limit [policy: trusted]
-- A chunk's name as long as any may be, and a function whose name's every byte is three when it is cleaned: more
-- traceback than the last frame was measured for, so that the end could not be told.
local name = ("\xff"):rep(63)
local code = ([[
_G["NAME"] = function(depth) if depth == 0 then local s = 'x' while true do s = s .. s end end local x = _G["NAME"](depth - 1) return x end
local x = _G["NAME"](60)
return x]]):gsub("NAME", name)
return load(code, "=" .. ("a"):rep(126))()
