# expect: os-system | chainmap
import collections,os
d=collections.ChainMap({"m":os})
d["m"].system("x")
