# expect: exec | doctest
import doctest
doctest.run_docstring_examples(print,{})
