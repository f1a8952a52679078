-- expect: instruction_limit [line: 2] [policy: strict] [limits: policy]
while true do end
