# expect: none | json loads
from json import loads
print(loads('[1]'))
