# expect: none | argparse tool
import argparse
from pathlib import Path
parser = argparse.ArgumentParser()
parser.add_argument("--limit", type=int, default=10)
parser.add_argument("--verbose", action="store_true")
args = parser.parse_args()
print(getattr(args, "limit"), vars(args))
