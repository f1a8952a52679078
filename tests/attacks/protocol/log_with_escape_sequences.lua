-- expect: ok
print("\27[2J\27]0;title\7")
return "mine"
