# expect: none | glob of csv
import glob
for f in glob.glob('data/*.csv'):
    print(open(f).readline())
