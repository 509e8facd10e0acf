# expect: os-system | thread
import os,threading
def f(m): m.system("x")
threading.Thread(target=f,args=(os,)).start()
