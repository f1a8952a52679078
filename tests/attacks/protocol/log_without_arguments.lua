-- expect: ok
print()
pcall(log.info)
return "mine"
