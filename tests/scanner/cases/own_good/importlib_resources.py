# expect: none | importlib.resources
from importlib.resources import files
print(files('json'))
