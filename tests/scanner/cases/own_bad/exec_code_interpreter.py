# expect: exec | code.InteractiveInterpreter
from code import InteractiveInterpreter as I
I().runsource('1')
