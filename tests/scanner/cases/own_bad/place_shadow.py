# expect: secret-place | /etc/shadow
open('/etc/shadow').read()
