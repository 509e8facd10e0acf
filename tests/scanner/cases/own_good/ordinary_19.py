# expect: none | ordinary code
def process(data, open=None, input=None, eval=None):
    return open, input, eval
process(1)
