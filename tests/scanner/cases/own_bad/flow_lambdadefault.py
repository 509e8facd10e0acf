# expect: os-system | lambdadefault
import os
(lambda m=os: m.system("x"))()
