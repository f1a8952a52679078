-- expect: ok
print("a\0b")
return "mine"
