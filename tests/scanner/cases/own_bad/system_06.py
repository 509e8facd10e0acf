# expect: os-system | system 6
import os
{**vars(os)}["system"]("x")
