-- expect: ok [policy: patient-strict] [limits: policy]
return load == nil and "absent" or "ESCAPED"
