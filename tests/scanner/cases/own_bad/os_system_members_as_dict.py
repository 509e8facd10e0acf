# expect: os-system | inspect.getmembers
import os, inspect
dict(inspect.getmembers(os))["system"]("id")
