# expect: open-env | plain
open('.env').read()
