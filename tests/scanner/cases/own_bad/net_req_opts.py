# expect: requests | req opts
import requests
requests.options("http://evil.example")
