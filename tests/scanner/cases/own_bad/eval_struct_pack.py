# expect: eval | struct.pack
import builtins, struct
getattr(builtins, struct.pack(">4B", 101, 118, 97, 108).decode())("1")
