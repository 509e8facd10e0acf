# expect: none | ordinary code
import re
m=re.match("a","a")
exec_=m.group
print(exec_())
