# expect: none | except CalledProcessError
import subprocess
try:
    subprocess.run(['make'], check=True)
except subprocess.CalledProcessError as e:
    print(e)
