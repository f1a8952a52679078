-- expect: ok [output: "\u0001\u001f\u007f\"\\/"]
return "\1\31\127\"\\/"
