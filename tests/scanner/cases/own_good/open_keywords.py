# expect: none | keywords.txt
open('keywords.txt').read()
