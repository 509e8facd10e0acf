# expect: subprocess | program 13
import concurrent.futures as c, subprocess
with c.ProcessPoolExecutor() as e: list(e.map(subprocess.getoutput,["x"])); e.submit(subprocess.check_call,"x",shell=True)
