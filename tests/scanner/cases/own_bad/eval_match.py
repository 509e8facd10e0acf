# expect: eval | eval_match
import builtins
match builtins:
    case object(eval=f):
        f("1")
