# expect: eval | json.loads
import builtins, json
getattr(builtins, json.loads('"\\u0065val"'))('1')
