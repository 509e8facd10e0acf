# expect: eval | max
max(["1"],key=eval)
