# expect: os-system | inspect
import inspect,os
inspect.getmodule(os.getcwd).system("x")
