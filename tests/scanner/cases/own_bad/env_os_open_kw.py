# expect: open-env | os open kw
open(file=".env")
