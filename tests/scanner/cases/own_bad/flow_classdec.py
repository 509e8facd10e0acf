# expect: subprocess | classdec
import subprocess
class A:
    def __init__(self, f): self.f=f
    def go(self): return self.f("x", shell=True)
A(subprocess.run).go()
