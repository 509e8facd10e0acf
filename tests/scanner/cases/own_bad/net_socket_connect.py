# expect: urlopen | socket().connect
import socket
s = socket.socket()
s.connect(('evil.example', 80))
