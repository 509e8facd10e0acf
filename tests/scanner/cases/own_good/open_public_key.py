# expect: none | public key
open('id_rsa.pub').read()
