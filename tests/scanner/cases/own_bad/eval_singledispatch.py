# expect: eval | eval_singledispatch
import functools
p=functools.reduce(lambda a,b:getattr(a,b),["eval"],__import__("builtins"))
p("1")
