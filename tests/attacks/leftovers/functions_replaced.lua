-- expect: ok [repeat: 6]
if pcall(error) or not pcall(print, "x") then return "ESCAPED" end
error, print, pcall, tostring = function() end, nil, nil, nil
return "replaced"
