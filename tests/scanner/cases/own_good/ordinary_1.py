# expect: none | ordinary code
import os
os.makedirs("out",exist_ok=True)
print(os.listdir("."))
for f in os.listdir("."): print(f)
