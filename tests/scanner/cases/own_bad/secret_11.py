# expect: open-webhook | secret 11
import subprocess
subprocess.run(["cat","webhook.json"])
