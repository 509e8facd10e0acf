# expect: kill | psutil
import psutil
for p in psutil.process_iter():
    p.kill()
