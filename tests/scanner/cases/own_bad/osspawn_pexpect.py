# expect: os-spawn | pexpect
import pexpect
pexpect.run('true')
