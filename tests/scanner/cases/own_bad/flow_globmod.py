# expect: import-dunder | globmod
globals()["o"]=__import__("os")
o.system("x")
