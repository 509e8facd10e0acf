# expect: none | openai call
import json, os, urllib.request
body = json.dumps({"model": "x", "messages": []}).encode()
request = urllib.request.Request("https://openrouter.ai/api/v1/chat/completions", data=body,
                                 headers={"Authorization": f"Bearer {os.environ['OPENROUTER_KEY']}"})
with urllib.request.urlopen(request, timeout=60) as answer:
    print(json.load(answer))
