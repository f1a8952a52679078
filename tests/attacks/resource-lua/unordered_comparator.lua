-- expect: ok, plugin_error
-- An inconsistent order may be told of, but must neither crash nor run on.
local list = {}
for i = 1, 1000 do list[i] = (i * 7919) % 1000 end
local ok, message = pcall(table.sort, list, function() return true end)
return ok or message:find("invalid order function", 1, true) ~= nil
