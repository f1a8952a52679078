-- expect: memory_limit [limits: memory_bytes=1048576] [line: 4]
-- A call stack of sixteen times the limit, in one call of C that fails before any instruction could notice: it is
-- refused, since no worker may take more than what it is charged.
for _ = 1, 100 do pcall(table.unpack, nil, 1, 900000) end
return "ESCAPED"
