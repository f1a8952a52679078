-- expect: ok
-- The host looks for `result` when the chunk returns nothing: without metamethods.
setmetatable(_G, {__index = function() while true do end end})
