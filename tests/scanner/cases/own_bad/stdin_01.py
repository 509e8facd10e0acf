# expect: input | stdin 1
import os,sys
os.read(sys.stdin.fileno(),1)
