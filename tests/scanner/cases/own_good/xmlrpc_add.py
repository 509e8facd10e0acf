# expect: none | xmlrpc add
from xmlrpc.server import SimpleXMLRPCServer
class Api:
    def add(self, a, b):
        return a + b
def main():
    server = SimpleXMLRPCServer(("127.0.0.1", 8001))
    server.register_instance(Api())
    server.serve_forever()
