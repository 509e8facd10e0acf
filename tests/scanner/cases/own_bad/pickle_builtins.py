# expect: pickle | builtins
pk=__import__("pickle")
pk.loads(b"")
