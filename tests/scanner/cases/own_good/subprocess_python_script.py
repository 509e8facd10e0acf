# expect: none | own script
import subprocess, sys
subprocess.run([sys.executable, 'train.py', '--epochs', '3'], check=True)
