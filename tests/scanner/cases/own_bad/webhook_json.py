# expect: open-webhook | json.load
import json
with open('config/slack-webhook.json') as f:
    json.load(f)
