# expect: eval | string.Formatter.get_field
import string, builtins
f, _ = string.Formatter().get_field("0.eval", (builtins,), {})
f("1")
