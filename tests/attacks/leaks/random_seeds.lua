-- expect: ok
-- The stock function returns both halves of the seed; the second one is an address.
return math.randomseed() == nil and math.randomseed(1) == nil and "nothing" or "ESCAPED"
