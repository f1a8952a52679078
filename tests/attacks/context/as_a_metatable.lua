-- expect: plugin_error [context: {"__gc":true}]
-- The context itself could carry __gc where the caller passes a stranger's data on.
return setmetatable({}, context) and "ESCAPED"
