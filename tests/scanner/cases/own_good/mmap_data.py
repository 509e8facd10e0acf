# expect: none | mmap data
import mmap
with open("data.bin", "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
    print(m[:10], m.find(b"x"))
