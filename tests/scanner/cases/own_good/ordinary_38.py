# expect: none | ordinary code
url="https://github.com/a/b"
print(url.startswith("https://"), url.replace("https://",""))
