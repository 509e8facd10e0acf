# expect: eval | match over __builtins__ dict
import builtins
match vars(builtins):
    case {"eval": e}:
        e("1")
