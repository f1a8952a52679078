-- expect: ok
local mt = {}
for _, name in ipairs({"__index", "__newindex", "__len", "__pairs", "__eq", "__tostring", "__concat", "__close"}) do
  mt[name] = function() while true do end end
end
return setmetatable({a = setmetatable({1}, mt)}, mt)
