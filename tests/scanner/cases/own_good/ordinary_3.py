# expect: none | ordinary code
import subprocess
r=subprocess.run(["python","-m","pytest","-q"],capture_output=True,text=True)
print(r.stdout)
