# expect: eval | decorator
@eval
@lambda f: '1'
def x(): pass
