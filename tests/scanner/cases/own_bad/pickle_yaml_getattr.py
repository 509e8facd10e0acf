# expect: pickle | yaml getattr
import yaml
yaml.load("x",Loader=getattr(yaml,"Unsafe"+"Loader"))
