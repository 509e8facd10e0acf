# expect: none | re.compile
import re
print(re.compile('a').match('a'))
