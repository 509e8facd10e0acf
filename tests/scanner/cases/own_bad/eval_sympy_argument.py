# expect: eval | sympy, an argument
import sys

import sympy

print(sympy.sympify(sys.argv[1]))
