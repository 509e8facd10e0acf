# expect: none | ordinary code
import builtins
print(builtins.len([1]), builtins.max(1,2))
