# expect: exec | SimpleXMLRPCServer dotted names
import os
from xmlrpc.server import SimpleXMLRPCServer
s = SimpleXMLRPCServer(("", 8000))
s.register_instance(os, allow_dotted_names=True)
