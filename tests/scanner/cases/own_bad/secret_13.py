# expect: open-env | secret 13
import os
os.sendfile(1,os.open(".env",0),0,9)
