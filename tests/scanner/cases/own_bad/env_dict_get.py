# expect: open-env | dict get
import os
P=dict(a=".env")
open(P.get("a")).read()
