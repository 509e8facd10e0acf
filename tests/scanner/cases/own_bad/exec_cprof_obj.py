# expect: exec | cprof obj
import cProfile
cProfile.Profile().run("1")
