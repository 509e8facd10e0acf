# expect: none | turkey.json
open('turkey.json').read()
