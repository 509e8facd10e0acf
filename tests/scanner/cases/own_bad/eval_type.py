# expect: eval | type
T=type("T",(),{"f":eval})
T.f("1")
