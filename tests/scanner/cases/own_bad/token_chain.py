# expect: open-token | chain
from itertools import chain
for n in chain(["a.txt"],["api_token.txt"]): open(n)
