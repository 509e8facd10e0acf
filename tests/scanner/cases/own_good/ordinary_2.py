# expect: none | ordinary code
import requests
r=requests.get("https://api.openai.com/v1/models",headers={"a":"b"},timeout=3)
r.raise_for_status()
print(r.json().get("data"))
