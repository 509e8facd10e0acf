# expect: none | formulas of its own
import sympy, numexpr
x = sympy.sympify("x**2 + 1")
a = b = 2
print(numexpr.evaluate("a * b"), sympy.S("1/2"), sympy.S(3))
