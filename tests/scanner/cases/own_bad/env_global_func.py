# expect: open-env | global func
NAME=None
def s():
    global NAME
    NAME=".env"
s()
open(NAME)
