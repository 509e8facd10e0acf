# expect: open-env | argparse default
import argparse
p = argparse.ArgumentParser()
p.add_argument("--file", default=".env")
print(open(p.parse_args().file).read())
