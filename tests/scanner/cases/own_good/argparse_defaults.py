# expect: none | defaults of a command line
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--count", type=int, default=3)
parser.add_argument("-o", "--output-name", default="report.csv")
args = parser.parse_args()
print(args.count, args.output_name)
