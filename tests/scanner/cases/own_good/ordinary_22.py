# expect: none | ordinary code
import csv,io
r=csv.DictReader(io.StringIO("a\n1"))
print([x["a"] for x in r])
