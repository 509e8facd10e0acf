# expect: secret-place | history
import os
open(os.path.expanduser('~/.bash_history')).read()
