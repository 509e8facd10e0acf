# expect: none | ordinary code
def compile(x): return x
compile("a")
open("x.txt","a").write("x")
