# expect: eval | default argument
def run(s, f=eval):
    return f(s)
run('1')
