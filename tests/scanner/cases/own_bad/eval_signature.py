# expect: eval | eval_str
import inspect
def f(x: '1+1'): ...
inspect.signature(f, eval_str=True)
