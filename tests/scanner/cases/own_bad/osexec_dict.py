# expect: os-exec | dict
import os
{"x":os.execvp}["x"]("t",["t"])
