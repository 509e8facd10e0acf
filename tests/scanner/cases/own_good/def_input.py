# expect: none | own input
def input(prompt):
    return 'x'
print(input('? '))
