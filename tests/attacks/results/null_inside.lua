-- expect: ok [output: [null]]
return {json.null}
