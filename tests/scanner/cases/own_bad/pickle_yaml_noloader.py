# expect: pickle | yaml.load without loader
import yaml
yaml.load('a')
