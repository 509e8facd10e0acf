# expect: os-exec | methodcaller
import os,operator
operator.methodcaller("execv","/bin/true",["t"])(os)
