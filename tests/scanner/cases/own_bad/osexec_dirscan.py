# expect: os-exec | dir() scan
import os
for n in dir(os):
    if n.startswith('execv') and n.endswith('pe'):
        getattr(os, n)('true', ['true'], {})
