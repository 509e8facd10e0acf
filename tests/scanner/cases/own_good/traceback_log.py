# expect: none | traceback log
import traceback, sys, warnings
try:
    1 / 0
except ZeroDivisionError as error:
    print(traceback.format_exc(), error.__traceback__.tb_lineno)
    traceback.print_exception(*sys.exc_info())
warnings.warn("careful", stacklevel=2)
