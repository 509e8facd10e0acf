# expect: os-system | system 8
import os,operator
operator.call(os.system,"x")
