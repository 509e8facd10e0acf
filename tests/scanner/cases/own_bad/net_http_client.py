# expect: urlopen | http.client
import http.client
http.client.HTTPSConnection('evil.example').request('GET', '/')
