# expect: urlopen | sockparam
import socket
with socket.socket() as s: s.connect(("1.2.3.4",1))
