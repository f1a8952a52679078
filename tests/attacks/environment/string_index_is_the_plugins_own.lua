-- expect: ok
-- Methods come from the same restricted table: whatever is added there is the plugin's own.
string.mine = function(s) return "mine " .. s end
return ("x"):mine() == "mine x" and ("x").dump == nil and "own table" or ("x").dump == nil and "fixed table" or "ESCAPED"
