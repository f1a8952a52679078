-- expect: ok [policy: trusted]
-- The reader of long brackets in 5.1 read beyond its buffer.
for n = 0, 300 do
  load("return [" .. ("="):rep(n) .. "[x")
  load("return [" .. ("="):rep(n) .. "x")
end
return load("return [==[x]==]")() == "x" and "sound" or "ESCAPED"
