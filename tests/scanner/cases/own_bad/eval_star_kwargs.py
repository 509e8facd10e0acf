# expect: eval | keyword arguments
def run(f, s):
    return f(s)
run(**{'f': eval, 's': '1'})
