# expect: none | ordinary code
from collections import OrderedDict
d=OrderedDict()
d["open"]=1
d.pop("open")
d.get("eval")
