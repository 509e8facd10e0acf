# expect: os-system | system 26
import os
K={"a":"sys","b":"tem"}
getattr(os,"".join(K.values()))("x")
