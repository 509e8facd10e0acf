# expect: open-env | oswalkenv
import os
for r,d,fs in os.walk("."):
    for f in fs:
        if f.endswith(".env"): print(open(os.path.join(r,f)).read())
