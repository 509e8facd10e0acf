# expect: none | one file removed
import os
os.remove('out.txt')
