# expect: os-exec | getattr
import os
getattr(os, 'exec' + 'v')('/bin/true', ['true'])
