# expect: system-write | bashrc
from pathlib import Path
Path.home().joinpath('.bashrc').write_text('x')
