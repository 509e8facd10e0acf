# expect: open-key | ssl
import ssl
c=ssl.create_default_context()
c.load_cert_chain("c.pem","server.key")
