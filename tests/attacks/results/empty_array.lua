-- expect: ok [output: []]
return json.array()
