# expect: eval | inspect frame
import inspect
inspect.stack()[0].frame.f_builtins["eval"]("1")
