-- expect: syntax_error
#!/bin/sh
return "ESCAPED"
