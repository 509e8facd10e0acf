# expect: none | codecs text
import codecs
print(codecs.encode("hello", "rot13"), "x".encode("utf-8"), codecs.lookup("utf-8").name)
