# expect: os-system | module as class attribute
import os
class C:
    m = os
C.m.system('true')
