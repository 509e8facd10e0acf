# expect: input | getattr(sys)
import sys
getattr(sys, 'st' + 'din').readline()
