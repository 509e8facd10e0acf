# expect: os-spawn | setuptools, a command
from setuptools import Distribution
from setuptools.command.build_ext import build_ext

command = build_ext(Distribution())
command.spawn(["touch", "x"])
