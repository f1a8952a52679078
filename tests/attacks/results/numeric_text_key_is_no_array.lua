-- expect: ok [output: {"1":"a","2":"b"}]
return {["1"] = "a", ["2"] = "b"}
