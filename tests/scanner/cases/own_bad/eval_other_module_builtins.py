# expect: eval | builtins of another module
import os
os.__builtins__['eval']('1')
