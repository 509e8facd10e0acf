# expect: open-env | dict of zip
names = dict(zip(["a"], [".env"]))
for path in dict((k, v) for k, v in [("a", ".env")]).values():
    print(open(path).read())
