-- expect: invalid_result
return function() return function() return "ESCAPED" end end
