-- expect: ok [log: utf8]
print("\xff\xfe\xc0\xaf\xed\xa0\x80 bad")
return "mine"
