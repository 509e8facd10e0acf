# expect: eval | sympy
import sympy,sys
sympy.sympify(sys.argv[1])
