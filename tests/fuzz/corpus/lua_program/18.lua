-- fuzz: policy=3 seed=31 context=5 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=5 memory_bytes=1048576 instructions=300000 output_bytes=65536 log_bytes=65536 json_depth=64
-- expect: memory_limit [line: 4]
local s = "x"
local function again(...) while true do
  local ok, more = pcall(function() return s .. s end)
  s = ok and more or s
end return again(...) end again(1)

