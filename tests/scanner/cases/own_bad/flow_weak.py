# expect: os-system | weak
import os,weakref
weakref.ref(os)().system("x")
