# expect: os-system | system 11
import os
[*[os]][0].system("x")
