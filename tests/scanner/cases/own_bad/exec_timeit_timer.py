# expect: exec | Timer
from timeit import Timer
Timer('1').timeit(1)
