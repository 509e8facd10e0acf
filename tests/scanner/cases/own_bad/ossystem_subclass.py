# expect: os-system | subclass
for c in object.__subclasses__():
    if c.__name__=="_wrap_close": c.__init__.__globals__["system"]("x")
