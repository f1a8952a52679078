-- expect: ok
-- What the host does afterwards must not go through anything the plugin can change.
tostring, type, pairs, next, ipairs, error, pcall, rawget, select = nil, nil, nil, nil, nil, nil, nil, nil, nil
json.encode = function() return "\"ESCAPED\"" end
json.null = "ESCAPED"
json.array = nil
string.format = function() return "ESCAPED" end
table.concat, math.type, utf8.len = string.format, string.format, string.format
return {list = {1, 2}, text = "x"}
