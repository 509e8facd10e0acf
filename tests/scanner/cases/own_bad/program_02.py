# expect: subprocess | program 2
import os,subprocess
subprocess.run([os.environ["SHELL"],"-c","x"])
