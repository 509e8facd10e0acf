# expect: none | ordinary code
import multiprocessing as mp
def f(x): return x
with mp.Pool(2) as p: print(p.map(f,[1,2]))
