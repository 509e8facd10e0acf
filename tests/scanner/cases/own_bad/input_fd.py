# expect: input | fd
import io
io.TextIOWrapper(io.FileIO(0)).read()
