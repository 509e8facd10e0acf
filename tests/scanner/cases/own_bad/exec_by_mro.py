# expect: exec | mro
str.mro()[-1].__subclasses__()
