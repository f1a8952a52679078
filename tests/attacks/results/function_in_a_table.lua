-- expect: invalid_result
return {items = {{name = "a"}, {name = print}}}
