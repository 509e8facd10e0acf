# expect: os-spawn | pty.spawn
import pty
pty.spawn(['true'])
