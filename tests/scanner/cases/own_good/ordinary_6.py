# expect: none | ordinary code
class Runner:
    def run(self,cmd): return cmd
    def call(self,x): return x
r=Runner()
r.run("x"); r.call("y")
