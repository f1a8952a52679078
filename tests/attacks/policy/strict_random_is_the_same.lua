-- expect: ok [policy: patient-strict] [repeat: 4] [same] [limits: policy]
return {math.random(1000000), math.random(1000000), math.random()}
