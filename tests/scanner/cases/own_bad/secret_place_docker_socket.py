# expect: secret-place | docker socket
import socket
s = socket.socket(socket.AF_UNIX)
s.connect("/var/run/docker.sock")
