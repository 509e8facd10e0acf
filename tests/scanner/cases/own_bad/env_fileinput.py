# expect: open-env | fileinput
import fileinput
for l in fileinput.input(files=['.env']):
    pass
