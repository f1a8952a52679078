-- expect: syntax_error
return [==[ never ends ]=]
