# expect: open-env | secret 3
from environs import Env
Env().read_env()
