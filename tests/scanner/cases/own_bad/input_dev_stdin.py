# expect: input | /dev/stdin
open('/dev/stdin').read()
