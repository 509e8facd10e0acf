# expect: open-env | upper case
open('PROD.ENV').read()
