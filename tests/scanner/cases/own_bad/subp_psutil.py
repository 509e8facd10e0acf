# expect: subprocess | psutil.Popen
import psutil
psutil.Popen(['true'])
