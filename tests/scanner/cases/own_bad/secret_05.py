# expect: open-env | secret 5
import os
os.replace(".env","x")
