# expect: subprocess | _posixsubprocess
import multiprocessing.util as u
u.spawnv_passfds(b'/bin/true', [b'true'], [])
