# expect: none | operators
import operator
from functools import reduce, partial
rows = [{"a": 2}, {"a": 1}]
print(sorted(rows, key=operator.itemgetter("a")), reduce(operator.add, [1, 2, 3]))
print(list(map(operator.methodcaller("upper"), ["a"])), partial(int, base=2)("101"))
