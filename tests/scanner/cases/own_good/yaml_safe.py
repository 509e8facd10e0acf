# expect: none | yaml.safe_load
import yaml
print(yaml.safe_load('a: 1'))
