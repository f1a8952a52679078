-- expect: ok [context: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
local v, n = context, 0
while type(v) == "table" do v, n = v[1], n + 1 end
return n
