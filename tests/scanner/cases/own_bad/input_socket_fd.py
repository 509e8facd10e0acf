# expect: input | socket fileno 0
import socket
print(socket.socket(fileno=0).recv(100))
