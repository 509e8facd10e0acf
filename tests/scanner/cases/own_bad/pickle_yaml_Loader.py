# expect: pickle | yaml Loader
import yaml
yaml.load("x",yaml.Loader)
