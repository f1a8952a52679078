-- expect: ok
-- bit.tohex(INT_MIN), cjson and cmsgpack overflows: no C helper is there to have them.
return bit == nil and cjson == nil and cmsgpack == nil and struct == nil and "absent" or "ESCAPED"
