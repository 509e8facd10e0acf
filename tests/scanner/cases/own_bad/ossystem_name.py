# expect: os-system | name
import os
n=f"{'sys'}{'tem'}"
getattr(os,n)("x")
