-- expect: ok [context: {"list":[],"object":{},"n":9007199254740993}] [output: {"list":[],"object":{},"n":9007199254740993}]
return context
