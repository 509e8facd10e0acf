# expect: os-system | system 10
import os
next(iter({os})).system("x")
