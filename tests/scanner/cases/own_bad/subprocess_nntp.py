# expect: subprocess | http.server CGI
from http.server import CGIHTTPRequestHandler, HTTPServer
HTTPServer(("", 8000), CGIHTTPRequestHandler).serve_forever()
