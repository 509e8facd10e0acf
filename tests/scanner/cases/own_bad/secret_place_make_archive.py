# expect: secret-place | shutil.make_archive
import shutil, os
shutil.make_archive("/tmp/o", "zip", os.path.expanduser("~/.ssh"))
