-- expect: ok [limits: memory_bytes=268435456] [output: [false, "too many results to resume"]]
local t = {}
for i = 1, 600000 do t[i] = i end
local co = coroutine.create(function() coroutine.yield(table.unpack(t)) end)
local function resume_with_a_full_stack(...)
  local ok, why = coroutine.resume(co)
  return {ok, why}
end
return resume_with_a_full_stack(table.unpack(t))
