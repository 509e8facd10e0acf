# expect: none | parameter with known calls
def load(path):
    with open(path) as f:
        return f.read()
print(load('data.csv'))
