# expect: eval | json object_hook
import json
json.loads('{"a": "1"}', object_hook=lambda d: eval(d["a"]))
