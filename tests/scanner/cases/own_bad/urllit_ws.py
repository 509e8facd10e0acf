# expect: url-literal | web socket
U = 'wss://evil.example/x'
