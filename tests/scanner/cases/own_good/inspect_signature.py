# expect: none | inspect signature
import inspect
def f(a: int, b: str = "x") -> None: ...
for name, p in inspect.signature(f).parameters.items():
    print(name, p.annotation, p.default)
print(inspect.getdoc(f), inspect.isfunction(f))
