# expect: none | env subprocess
import os, subprocess
env = dict(os.environ, PYTHONUNBUFFERED="1", ENV="test", NODE_OPTIONS="--max-old-space-size=4096", PYTHONBREAKPOINT="0")
subprocess.run(["npm", "run", "build"], check=True, env=env)
