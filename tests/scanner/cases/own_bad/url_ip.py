# expect: url-literal | ip
U="http://1.2.3.4/"
