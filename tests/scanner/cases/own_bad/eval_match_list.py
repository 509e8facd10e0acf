# expect: eval | match capture
match [eval]:
    case [f]:
        f('1')
