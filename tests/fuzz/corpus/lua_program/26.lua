-- fuzz: policy=1 seed=972 context=4 profile=0 coverage=0 cancel=0 wall_ms=2000 cpu_ms=20 memory_bytes=16777216 instructions=300000 output_bytes=1000 log_bytes=0 json_depth=64
-- expect: ok
for _, pattern in ipairs({"%", "[", "[%", "[]", "[^", "(", "()", "%b", "%bx", "%f", "%f[", "%1", "(%1)", "%9", "(()", "[a-", "[]]", "[^]]",
  "%z", "\0", "[\0-\255]", "%g%c%p", "^*", "$", "^$", "a-?", "%f[%z]"}) do
  

   pcall(string.gsub, "a\0b]", pattern, "%0%1") 

  pcall(string.gmatch, "a\0b]", pattern)
end
return "sound"
