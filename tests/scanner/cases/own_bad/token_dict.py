# expect: open-token | dict of paths
P = {'t': 'data/access_token.txt'}
open(P['t']).read()
