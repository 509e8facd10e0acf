# expect: none | github api
import requests
r = requests.get("https://api.github.com/repos/python/cpython/issues", params={"state": "open"}, timeout=10)
r.raise_for_status()
print(len(r.json()))
