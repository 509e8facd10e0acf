# expect: none | allowed host, unknown path
import requests
for r in ('a', 'b'):
    requests.get(f'https://api.github.com/repos/{r}', timeout=5)
