# expect: pickle | loader alias
from yaml import load, UnsafeLoader as L
load('a', L)
