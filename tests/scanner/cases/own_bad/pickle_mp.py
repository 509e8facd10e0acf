# expect: pickle | mp
import multiprocessing.connection as c
c._ForkingPickler.loads(b"")
