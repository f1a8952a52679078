-- expect: memory_limit, plugin_error
local t = table.pack(1, 2, 3, 4)
while true do t = table.pack(t, table.unpack(t)); t = table.pack(t, t, t, table.unpack(t)) end
