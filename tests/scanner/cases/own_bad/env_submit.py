# expect: open-env | submit(open)
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as e:
    e.submit(open, '.env')
