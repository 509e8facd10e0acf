# expect: open-key | stdin
import subprocess
subprocess.run(["wc"],stdin=open("server.key"))
