-- expect: instruction_limit [line: 2] [policy: patient-strict] [limits: policy]
while true do end
