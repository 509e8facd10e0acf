# expect: eval | traceback frame builtins
import sys
try:
    1 / 0
except ZeroDivisionError as e:
    e.__traceback__.tb_frame.f_builtins["eval"]("1")
