# expect: open-key | lower
open("SERVER.KEY".lower())
