# expect: urlopen | udp
import socket
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)
s.sendto(b"x",("1.2.3.4",53))
