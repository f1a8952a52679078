-- expect: plugin_error
return table.unpack({}, math.mininteger, math.maxinteger)
