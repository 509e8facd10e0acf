# expect: open-env | secret 12
import tokenize
tokenize.open(".env")
