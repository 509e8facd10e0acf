# expect: none | own child
import multiprocessing
def f(): pass
p = multiprocessing.Process(target=f)
p.start(); p.terminate()
