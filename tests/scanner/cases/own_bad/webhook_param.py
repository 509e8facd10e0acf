# expect: open-webhook | parameter
import json
def load(p):
    with open(p) as f:
        return json.load(f)
load('webhook.json')
