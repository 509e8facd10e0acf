# expect: os-exec | l
import os
os.execl("/bin/true","true")
