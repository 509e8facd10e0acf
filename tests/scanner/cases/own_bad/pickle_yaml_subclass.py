# expect: pickle | yaml subclass
import yaml
class L(yaml.UnsafeLoader): pass
yaml.load("x",Loader=L)
