# expect: open-env | secret 4
from decouple import config
config("X")
