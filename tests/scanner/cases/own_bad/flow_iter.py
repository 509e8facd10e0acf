# expect: os-system | iter
import os
it = iter([os])
next(it).system("true")
