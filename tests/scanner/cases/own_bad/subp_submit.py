# expect: subprocess | submit
import subprocess
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as ex:
    ex.submit(subprocess.run, 'true', shell=True)
