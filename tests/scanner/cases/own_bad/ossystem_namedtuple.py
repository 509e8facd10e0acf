# expect: os-system | module returned
import os
def mods():
    return {'a': (1, os)}
mods()['a'][1].system('true')
