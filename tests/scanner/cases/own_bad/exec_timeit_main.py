# expect: exec | timeit main
import timeit
t=timeit.Timer(stmt="1")
