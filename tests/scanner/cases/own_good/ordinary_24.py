# expect: none | ordinary code
import signal
signal.signal(signal.SIGTERM, lambda *a: None)
signal.alarm(1)
