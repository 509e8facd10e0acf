# expect: none | string letters
import string, random, os
name = "".join(random.choice(string.ascii_letters) for _ in range(8))
path = os.sep.join(["out", name + ".txt"])
print(path, os.path.sep, os.extsep)
