# expect: exec | setattr code
def f(): pass
setattr(f,"__code__",compile("1","","exec"))
