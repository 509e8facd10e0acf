# expect: open-env | openas
f=open
with f(".env") as x: pass
