-- expect: ok
-- Comparing tables or functions by order would tell where they lie.
return not pcall(function() return {} < {} end) and not pcall(table.sort, {{}, {}}) and not pcall(table.sort, {print, error}) and "refused" or "ESCAPED"
