# expect: urlopen | ssl
import ssl,socket
ssl.create_default_context().wrap_socket(socket.socket()).connect(("evil.example",443))
