# expect: os-system | match binds attribute
import os
match os:
    case object(system=go):
        go("id")
