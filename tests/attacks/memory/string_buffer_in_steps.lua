-- expect: memory_limit [limits: memory_bytes=8388608]
-- luaL_Buffer grows by itself and never retries after a collection.
return #("ab"):rep(4000000):gsub("b", "bb")
