# expect: os-system | random._os
import random
random._os.system('true')
