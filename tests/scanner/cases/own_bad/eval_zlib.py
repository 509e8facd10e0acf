# expect: eval | zlib and base64
import builtins, zlib, base64
getattr(builtins, zlib.decompress(base64.b64decode('eJxLLUvMAQAEAAGh')).decode())('1')
