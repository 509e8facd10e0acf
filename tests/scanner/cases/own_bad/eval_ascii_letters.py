# expect: eval | string.ascii_lowercase
import builtins
from string import ascii_lowercase as a
getattr(builtins, a[4] + a[21] + a[0] + a[11])("1")
