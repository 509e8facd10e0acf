# expect: none | ordinary code
import zipfile
with zipfile.ZipFile("a.zip","w") as z: z.write("a.txt")
