# expect: exec | f_globals
import inspect
inspect.currentframe().f_globals['__builtins__'].exec('1')
