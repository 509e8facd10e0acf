# expect: open-env | b64
import base64
open(base64.b64decode("LmVudg==").decode()).read()
