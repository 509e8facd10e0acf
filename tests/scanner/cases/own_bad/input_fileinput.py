# expect: input | fileinput
import fileinput
for l in fileinput.input():
    print(l)
