-- expect: ok
-- A host that calls the plugin's tostring on results or errors would run this.
tostring = function() return "ESCAPED" end
setmetatable(_G, {__tostring = function() return "ESCAPED" end})
return {1, {2}}
