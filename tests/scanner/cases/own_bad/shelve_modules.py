# expect: shelve | modules
import sys,shelve
sys.modules["shelve"].open("x")
