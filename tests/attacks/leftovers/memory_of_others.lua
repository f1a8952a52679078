-- expect: ok [repeat: 6]
-- Fresh memory must be zeroes or the image's own: no text of another run. The marker is put together here,
-- or it would find itself in this source.
local marker = "secret" .. "-of-" .. "another-run"
for i = 1, 50 do
  local s = string.pack("c100000", "")
  if s:find(marker, 1, true) then return "ESCAPED" end
end
local _ = (marker):rep(10000)
return "only zeroes"
