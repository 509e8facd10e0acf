# expect: open-key | secret 17
import glob
open(glob.glob("*.key")[0])
