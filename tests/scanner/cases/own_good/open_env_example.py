# expect: none | .env.example
open('.env.example').read()
