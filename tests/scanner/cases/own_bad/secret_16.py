# expect: open-env | secret 16
p="config"
open(p+"/.env")
