# expect: eval | int.to_bytes
import builtins
getattr(builtins, (0x6576616C).to_bytes(4, "big").decode())("1")
