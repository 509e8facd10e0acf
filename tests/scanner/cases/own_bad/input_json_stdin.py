# expect: input | json.load(sys.stdin)
import json
from sys import stdin as s
json.load(s)
