# expect: eval | base64.b85decode
import builtins, base64
getattr(builtins, base64.b85decode("Wp-g~").decode("latin-1"))("1")
