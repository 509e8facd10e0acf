# expect: os-system | system 15
license.__init__.__globals__["sys"].modules["os"].system("x")
