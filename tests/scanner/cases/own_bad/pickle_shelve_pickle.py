# expect: pickle | shelve.Unpickler
import logging.handlers as h
h.pickle.loads(b'')
