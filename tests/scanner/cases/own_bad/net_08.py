# expect: requests | net 8
import requests
requests.get("https://api.github.com.")
requests.get("http://[::ffff:1.2.3.4]/")
