-- expect: ok
return core == nil and minetest == nil and getmetatable("").__index == nil and "absent" or type(getmetatable("")) == "string" and "absent" or "ESCAPED"
