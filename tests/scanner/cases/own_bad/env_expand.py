# expect: open-env | expand
import os
open(os.path.expandvars("$HOME/.env"))
