# expect: subprocess | program 14
import subprocess
class S:
    def __init__(self,**k): self.k=k
    def go(self): subprocess.run("x",**self.k)
S(shell=True).go()
