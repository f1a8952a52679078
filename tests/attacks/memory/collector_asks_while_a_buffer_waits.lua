-- expect: ok [limits: memory_bytes=1048576] [output: 500000]
-- What the last buffer needs is there once garbage is collected. To call the finalizer of an earlier buffer, the
-- collector needs a little memory itself, in a depth of calls that was never reached before: no growth of the plugin's.
local function deep(levels)
  if levels > 0 then
    local length = deep(levels - 1)
    return length
  end
  return #("z"):rep(500000)
end
local garbage = ("g"):rep(270000)
garbage = garbage .. garbage
garbage = #("b"):rep(3000)
return deep(30)
