# expect: none | ordinary code
import yaml
yaml.dump({"a":1},open("a.yaml","w"))
yaml.safe_load(open("a.yaml"))
