-- expect: syntax_error
return function() return ... end
