-- expect: invalid_result
return {text = "ok \xff\xfe"}
