# expect: open-token | pct dict
open("%(k)s_token.txt" % {"k":"api"})
