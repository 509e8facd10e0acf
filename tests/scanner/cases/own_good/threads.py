# expect: none | thread with an own function
import threading
def work(n): print(n)
t = threading.Thread(target=work, args=(1,))
t.start(); t.join()
