-- expect: ok
local zone = os.date("%Z")
return (zone == "UTC" or zone == "GMT" or zone == "") and os.date("%z", 0) == "+0000" and os.time({year = 1970, month = 1, day = 1, hour = 0}) == 0 and "UTC" or "ESCAPED " .. zone
