# expect: open-env | secret 15
import io,os
io.open(os.path.join(*["a",".env"]))
