-- expect: ok, plugin_error
local t = {table.unpack({}, 1, 200)}
local u = {1, 2, 3, nil, nil, table.unpack({1, 2, 3}, 1, 250)}
return #t == 0 and #u >= 3 and "sound"
