# expect: none | gethostname
import socket
print(socket.gethostname())
