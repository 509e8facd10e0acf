# expect: open-env | secret 2
from dotenv import dotenv_values as v
v(".env")
