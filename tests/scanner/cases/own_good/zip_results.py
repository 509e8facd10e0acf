# expect: none | zip results
import zipfile, shutil
with zipfile.ZipFile("out.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.write("report.csv")
    z.writestr("note.txt", "hi")
shutil.make_archive("results", "zip", "results")
