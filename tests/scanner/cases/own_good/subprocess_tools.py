# expect: none | subprocess tools
import subprocess, sys
subprocess.run(["ffmpeg", "-i", "a.mp4", "-ss", "00:00:10", "b.mp4"], check=True)
subprocess.run([sys.executable, "-m", "pytest", "-q"], check=True)
subprocess.run(["tar", "-xzf", "x.tgz", "-C", "out"], check=True)
subprocess.run(["sed", "-i", "s/a/b/", "file.txt"], check=True)
subprocess.run(["sort", "-u", "names.txt"], check=True)
subprocess.run(["kubectl", "get", "pods"], check=True)
subprocess.run(["docker", "ps"], check=True)
subprocess.run(["gh", "pr", "list"], check=True)
subprocess.run(["aws", "s3", "ls"], check=True)
