# expect: os-exec | execvp alias
from os import execvp as e
e('true', ['true'])
