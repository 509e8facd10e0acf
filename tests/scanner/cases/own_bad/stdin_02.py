# expect: input | stdin 2
open("/dev/fd/0").read()
