# expect: subprocess | Thread with kwargs
import subprocess, threading
threading.Thread(target=subprocess.run, args=('true',), kwargs={'shell': True}).start()
