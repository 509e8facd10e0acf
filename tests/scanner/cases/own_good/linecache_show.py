# expect: none | linecache show
import linecache
print(linecache.getline("main.py", 3))
