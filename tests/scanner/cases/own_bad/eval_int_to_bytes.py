# expect: eval | eval_int_to_bytes
import builtins
n=(1702257004).to_bytes(4,"big").decode()
getattr(builtins,n)("1")
