# expect: exec | object graph by mro
[].__class__.__mro__[1].__subclasses__()[0]
