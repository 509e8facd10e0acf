# expect: input | /dev/tty
open('/dev/tty').readline()
