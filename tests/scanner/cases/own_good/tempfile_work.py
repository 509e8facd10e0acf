# expect: none | tempfile work
import tempfile, os
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "a.txt")
    with open(path, "w") as f:
        f.write("x")
    print(os.path.getsize(path))
