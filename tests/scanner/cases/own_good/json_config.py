# expect: none | json config
import json, os
DEFAULT = {"a": 1}
config = {**DEFAULT, **json.loads(os.environ.get("APP_CONFIG", "{}"))}
with open("config.json", encoding="utf-8") as f:
    config |= json.load(f)
print(json.dumps(config, indent=2))
