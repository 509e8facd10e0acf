# expect: os-system | system 9
import os
(lambda *a: a[0])(os).system("x")
