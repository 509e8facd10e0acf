# expect: exec | signal handler
import signal
signal.signal(signal.SIGALRM, exec)
