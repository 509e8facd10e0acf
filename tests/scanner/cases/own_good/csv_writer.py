# expect: none | csv
import csv
with open('out.csv', 'w', newline='') as f:
    csv.writer(f).writerow([1, 2])
