# expect: os-system | sortedkey
import os
getattr(os,"".join(sorted("smetys",key="system".index)))("x")
