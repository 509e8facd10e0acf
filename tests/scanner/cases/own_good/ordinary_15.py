# expect: none | ordinary code
import shutil,os
shutil.move("a","b")
os.rename("c","d")
os.replace("e","f")
