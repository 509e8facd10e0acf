# expect: exec | bdb sub
import bdb
class B(bdb.Bdb): pass
b=B()
b.runctx("1",{},{})
