# expect: os-system | bytesfmt
import os
getattr(os,(b"sys"+b"tem").decode("ascii"))("x")
