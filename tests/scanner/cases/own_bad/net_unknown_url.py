# expect: requests | unknown address
import requests, sys
requests.get(sys.argv[1])
