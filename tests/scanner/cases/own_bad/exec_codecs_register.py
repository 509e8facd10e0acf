# expect: exec | codecs.register runs a function
import codecs, builtins
def search(name):
    return getattr(builtins, "exec")
codecs.register(search)
"x".encode("print(1)")
