# expect: system-write | /etc
open('/etc/cron.d/x', 'w').write('x')
