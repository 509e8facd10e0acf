# expect: urlopen | dns
import socket
socket.gethostbyname("evil.example")
