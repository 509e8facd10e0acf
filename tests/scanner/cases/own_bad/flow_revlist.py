# expect: os-system | revlist
import os
l=list("metsys")
l.reverse()
getattr(os,"".join(l))("x")
