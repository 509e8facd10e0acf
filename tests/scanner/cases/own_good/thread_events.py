# expect: none | thread events
import threading, queue, signal
stop = threading.Event()
def worker(q):
    while not stop.is_set():
        try:
            print(q.get(timeout=0.1))
        except queue.Empty:
            pass
q = queue.Queue()
t = threading.Thread(target=worker, args=(q,), daemon=True)
t.start()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
threading.Timer(1.0, stop.set).start()
t.join()
