# expect: os-system | zip
import os
for m, n in zip([os], ["system"]):
    getattr(m, n)("true")
