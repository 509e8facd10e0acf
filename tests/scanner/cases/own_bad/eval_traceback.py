# expect: eval | traceback
import sys
try: 1/0
except Exception: sys.exc_info()[2].tb_frame.f_builtins["eval"]("1")
