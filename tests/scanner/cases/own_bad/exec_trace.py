# expect: exec | trace.Trace.run
from trace import Trace
t = Trace()
t.run('1')
