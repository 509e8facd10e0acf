# expect: open-key | shutil.copy
import shutil
shutil.copy('server.key', 'x')
