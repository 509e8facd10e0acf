# expect: os-popen | _wrap_close
import os
f = os.__dict__.get('popen')
f('true')
