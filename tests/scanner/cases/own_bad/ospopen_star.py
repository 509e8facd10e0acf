# expect: os-popen | star
from os import *
popen("true")
