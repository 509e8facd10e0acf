# expect: rmtree | executor
import shutil
from concurrent.futures import ThreadPoolExecutor as T
T().submit(shutil.rmtree,"x")
