# expect: none | namedtuple rows
import csv
from collections import namedtuple, defaultdict, ChainMap
Row = namedtuple("Row", "name amount")
totals = defaultdict(float)
for r in [Row("a", 1.0), Row("b", 2.5)]:
    totals[r.name] += r.amount
print(dict(ChainMap({"c": 1}, totals)))
