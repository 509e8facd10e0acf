# expect: os-system | cast
import os,typing
typing.cast(object,os).system("x")
