# expect: subprocess | program 15
import multiprocessing,subprocess
multiprocessing.Process(target=subprocess.run,args=("x",),kwargs=dict(shell=True)).start()
