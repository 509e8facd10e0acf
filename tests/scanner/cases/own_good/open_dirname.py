# expect: none | beside the script
import os
here = os.path.dirname(os.path.abspath(__file__))
print(open(os.path.join(here, 'data.txt')).read())
