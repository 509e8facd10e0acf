# expect: import-dunder | builtins dict
globals()['__builtins__'].__dict__['__import__']('os')
