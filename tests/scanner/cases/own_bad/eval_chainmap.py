# expect: eval | ChainMap of builtins
from collections import ChainMap
import builtins
ChainMap({}, vars(builtins))["eval"]("1")
