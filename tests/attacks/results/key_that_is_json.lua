-- expect: ok
return {["\":1},\"error\":null,\"x\":{\"y"] = 1}
