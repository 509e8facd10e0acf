# expect: os-system | dict of generated pairs
import os
dict([(n, getattr(os, n)) for n in os.environ["NAMES"].split()])["a"]("id")
