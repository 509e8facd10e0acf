# expect: pickle | getattr2
import marshal as m
getattr(m,"loads")(b"")
