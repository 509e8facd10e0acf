# expect: open-env | concatenation
open('.' + 'e' + 'nv').read()
