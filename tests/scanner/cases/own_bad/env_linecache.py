# expect: open-env | linecache
import linecache
linecache.getlines('.env')
