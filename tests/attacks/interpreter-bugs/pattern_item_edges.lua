-- expect: ok
for _, pattern in ipairs({"%", "[", "[%", "[]", "[^", "(", "()", "%b", "%bx", "%f", "%f[", "%1", "(%1)", "%9", "(()", "[a-", "[]]", "[^]]",
  "%z", "\0", "[\0-\255]", "%g%c%p", "^*", "$", "^$", "a-?", "%f[%z]"}) do
  pcall(string.find, "a\0b]", pattern)
  pcall(string.gsub, "a\0b]", pattern, "%0%1")
  pcall(string.gmatch, "a\0b]", pattern)
end
return "sound"
