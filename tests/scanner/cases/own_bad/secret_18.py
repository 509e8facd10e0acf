# expect: open-key | secret 18
import glob
open(next(glob.iglob("**/*.pem",recursive=True)))
