# expect: exec | timeit setup
import timeit
timeit.timeit(lambda: 0, setup='print(1)', number=1)
