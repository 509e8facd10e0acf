# expect: os-system | self
import os
os.getcwd.__self__.system("x")
