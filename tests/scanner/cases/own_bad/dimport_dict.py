# expect: import-dunder | dict
__builtins__.__dict__["__import__"]("os")
