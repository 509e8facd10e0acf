# expect: open-key | subp redirect
import subprocess
subprocess.run(["openssl","rsa","-in","server.key"])
