# expect: none | queue put and get
import queue
q = queue.Queue()
q.put('x')
print(q.get(timeout=1))
