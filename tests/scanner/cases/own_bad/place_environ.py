# expect: secret-place | /proc
open('/proc/self/environ').read()
