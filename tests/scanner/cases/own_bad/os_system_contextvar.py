# expect: os-system | contextvars
import contextvars, os
v = contextvars.ContextVar("v", default=os)
v.get().system("id")
