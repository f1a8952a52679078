-- expect: ok
for _, option in ipairs({"collect", "stop", "restart", "step", "setpause", "setstepmul", "incremental", "generational", "isrunning"}) do
  if pcall(collectgarbage, option) then return "ESCAPED " .. option end
end
return not pcall(collectgarbage) and type(collectgarbage("count")) == "number" and "count only" or "ESCAPED"
