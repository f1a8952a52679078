-- expect: ok
-- 2^31 is the largest code point that utf8.char takes; what it makes is no valid output.
local s = utf8.char(0x7FFFFFFF)
return #s == 6 and utf8.len(s) == nil and "refused" or "ESCAPED"
