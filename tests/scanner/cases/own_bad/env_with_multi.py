# expect: open-env | with multi
with open("a") as x, open(".env") as y: pass
