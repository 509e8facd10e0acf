# expect: input | stdin 6
import sys
sys.stdin.detach().read()
