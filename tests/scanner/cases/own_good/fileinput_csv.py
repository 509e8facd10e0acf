# expect: none | fileinput csv
import fileinput
with fileinput.input(files=("a.csv", "b.csv"), encoding="utf-8") as lines:
    for line in lines:
        print(line.rstrip())
