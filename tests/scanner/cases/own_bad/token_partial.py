# expect: open-token | partial
from functools import partial
partial(open,"api_token.txt")()
