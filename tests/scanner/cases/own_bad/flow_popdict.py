# expect: os-system | popdict
import os
{"m":os}.pop("m").system("x")
