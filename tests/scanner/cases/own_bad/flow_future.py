# expect: os-system | future
import os
from concurrent.futures import ThreadPoolExecutor as T
with T() as t: t.submit(lambda: os).result().system("x")
