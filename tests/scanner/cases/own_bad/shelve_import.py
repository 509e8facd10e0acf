# expect: shelve | __import__
__import__('shelve').open('x')
