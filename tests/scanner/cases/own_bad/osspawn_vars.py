# expect: os-spawn | vars(os)
import os
vars(os)['spawnv'](os.P_WAIT, '/bin/true', ['true'])
