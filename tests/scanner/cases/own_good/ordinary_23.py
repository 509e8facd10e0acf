# expect: none | ordinary code
import hashlib,secrets,hmac
print(secrets.token_hex(4),hashlib.sha256(b"x").hexdigest())
