# expect: open-env | secret 14
with open(r"C:\proj\.env") as f: pass
