# expect: open-token | os.rename
import os
os.rename('api_token.txt', 'x')
