# expect: none | TemporaryDirectory
import tempfile, os
with tempfile.TemporaryDirectory() as d:
    with open(os.path.join(d, 'x.txt'), 'w') as f:
        f.write('x')
