# expect: none | copy a tree
import shutil
shutil.copytree('a', 'b')
shutil.make_archive('x', 'zip', 'b')
