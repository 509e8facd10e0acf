# expect: url-literal | port
U="http://github.com.evil.example:80"
