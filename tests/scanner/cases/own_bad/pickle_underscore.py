# expect: pickle | _pickle
import _pickle as p
p.loads(b'')
