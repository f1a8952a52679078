-- expect: ok [repeat: 6]
-- Seeded anew for every run: what one run does to it, no other sees.
math.randomseed(1)
return "seeded"
