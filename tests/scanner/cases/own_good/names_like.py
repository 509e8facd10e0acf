# expect: none | names like the sensitive ones
exec_time = 3
evaluate = lambda x: x
system = 'linux'
print(exec_time, evaluate(1), system)
