# expect: os-exec | lambda
import os
(lambda f: f("/bin/true",["t"]))(os.execv)
