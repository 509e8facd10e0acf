# expect: none | subprocess git
import subprocess, os
out = subprocess.run(["git", "log", "--oneline", "-n", "5"], capture_output=True, text=True, check=True).stdout
print(out.splitlines())
subprocess.run(["git", "-c", "color.ui=never", "status"], check=True, env={**os.environ, "GIT_PAGER": "cat", "LC_ALL": "C"})
subprocess.run(["git", "-c", "user.name=bot", "commit", "-m", "message --exec=x"], check=True)
