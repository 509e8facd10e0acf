# expect: none | ordinary code
import logging,sys
logging.basicConfig(stream=sys.stdout)
sys.stdout.write("x")
print("x",file=sys.stderr)
