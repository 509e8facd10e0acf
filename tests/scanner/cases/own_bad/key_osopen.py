# expect: open-key | os.open
import os
os.open('server.key', os.O_RDONLY)
