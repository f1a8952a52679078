-- expect: ok [policy: patient-strict] [repeat: 4] [same] [limits: policy]
local keys = {}
for k in pairs({a = 1, b = 2, c = 3, d = 4, e = 5}) do keys[#keys + 1] = k end
return {tostring({}), tostring(print), tostring(coroutine.create(print)), keys}
