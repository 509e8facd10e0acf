# expect: open-key | expanduser
import os
open(os.path.expanduser('~/.ssh/id_rsa')).read()
