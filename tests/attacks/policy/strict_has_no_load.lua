-- expect: ok [policy: strict] [limits: policy]
return load == nil and "absent" or "ESCAPED"
