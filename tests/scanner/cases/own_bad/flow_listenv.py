# expect: open-env | listenv
import os
for f in os.listdir("."):
    if f == ".env": open(f).read()
