# expect: open-env | openlam
o=lambda p: open(p)
o(".env")
