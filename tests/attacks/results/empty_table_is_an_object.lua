-- expect: ok [output: {}]
return {}
