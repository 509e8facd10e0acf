# expect: open-env | os.path.join
import os
open(os.path.join(os.getcwd(), '.env')).read()
