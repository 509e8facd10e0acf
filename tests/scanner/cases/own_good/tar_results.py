# expect: none | tar results
import tarfile
with tarfile.open("results.tar.gz", "w:gz") as t:
    t.add("results", arcname="results")
