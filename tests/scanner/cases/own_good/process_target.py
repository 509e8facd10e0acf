# expect: none | process target
import multiprocessing as mp
def work(q, n):
    q.put(n + 1)
if __name__ == "__main__":
    q = mp.Queue()
    p = mp.Process(target=work, args=(q, 1))
    p.start()
    print(q.get())
    p.join()
