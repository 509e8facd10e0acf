# expect: none | executor with an own function
from concurrent.futures import ThreadPoolExecutor
def work(n): return n
with ThreadPoolExecutor() as e:
    print(list(e.map(work, range(3))))
