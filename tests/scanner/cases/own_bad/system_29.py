# expect: os-system | system 29
import os
getattr(os,"sXysXtem".replace("X",""))("x")
