# expect: os-popen | partial
import os, functools
functools.partial(os.popen, 'true')()
