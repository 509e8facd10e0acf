# expect: exec | frame of a traceback
try:
    1 / 0
except Exception as e:
    e.__traceback__.tb_frame.f_builtins['exec']('1')
