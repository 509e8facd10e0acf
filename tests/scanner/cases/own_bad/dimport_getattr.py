# expect: import-dunder | getattr
import builtins
getattr(builtins, '__imp' + 'ort__')('os')
