-- expect: ok
return select("#", math.randomseed()) == 0 and select("#", math.randomseed(1, 2)) == 0 and "nothing" or "ESCAPED"
