-- expect: ok [output: [0.1,1e300,5e-324]]
return {0.1, 1e300, 5e-324}
