-- expect: memory_limit [line: 3] [policy: patient-strict] [limits: policy]
local s = "x"
while true do s = s .. s end
