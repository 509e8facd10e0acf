# expect: exec | through a queue
from queue import Queue
q = Queue()
q.put(exec)
q.get()('1')
