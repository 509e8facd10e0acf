# expect: open-key | format
open('{}.{}'.format('server', 'key')).read()
