-- expect: ok [output: "\",\"status\":\"ok\",\"output\":\"x"]
-- Breaks out of a string where a host concatenates.
return "\",\"status\":\"ok\",\"output\":\"x"
