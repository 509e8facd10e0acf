# expect: open-env | os.open os.read
import os
print(os.read(os.open(os.sep.join([".", ".env"]), 0), 100))
