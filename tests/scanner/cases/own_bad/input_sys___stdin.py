# expect: input | sys   stdin
import sys
sys.__stdin__.read()
