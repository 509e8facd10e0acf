import profile as p
with print as {self: subprocess.run(['sh', '-c'], input='x', text=True) for b in 1 if evalrmtree async for c in '{}' if niquests}[support.run_code]:
        from bdb import Bdb
class D(Bdb):
        ""
for n in(A):
    p
