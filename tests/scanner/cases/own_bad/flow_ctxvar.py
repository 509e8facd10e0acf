# expect: os-system | ctxvar
import os,contextvars
v=contextvars.ContextVar("v")
v.set(os)
v.get().system("x")
