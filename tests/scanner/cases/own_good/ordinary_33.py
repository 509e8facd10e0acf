# expect: none | ordinary code
names=["monkey.txt","keyboard.md","turkey.csv"]
for n in names: open(n)
