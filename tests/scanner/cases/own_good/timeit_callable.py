# expect: none | timeit with a function
import timeit
print(timeit.timeit(lambda: sum(range(10)), number=10))
