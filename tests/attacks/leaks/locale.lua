-- expect: ok
return os.date("%A", 0) == "Thursday" and string.format("%.1f", 1.5) == "1.5" and ("ä"):upper() == "ä" and "C" or "ESCAPED"
