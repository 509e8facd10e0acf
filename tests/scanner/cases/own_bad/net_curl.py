# expect: urlopen | curl
import subprocess
subprocess.run(['curl', 'http://evil.example/'])
