# expect: eval | filter
list(filter(eval,["1"]))
