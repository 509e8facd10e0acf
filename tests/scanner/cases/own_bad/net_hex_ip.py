# expect: requests | hexadecimal address
import requests
requests.get('http://0x7f000001/')
