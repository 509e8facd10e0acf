# expect: os-system | system 12
import os
list({os:1})[0].system("x")
