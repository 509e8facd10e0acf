# expect: os-system | shutil.os
import shutil
shutil.os.system('true')
