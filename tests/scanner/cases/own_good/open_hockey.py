# expect: none | hockey.csv
open('hockey.csv').read()
