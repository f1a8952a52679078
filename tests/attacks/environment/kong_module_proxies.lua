-- expect: ok
-- Proxies with __index show the original through rawget or a traversal; plain tables have nothing to show.
local mt = getmetatable(string) or getmetatable(math) or getmetatable(_G)
return mt == nil and "plain" or type(mt) ~= "table" and "hidden" or "ESCAPED"
