# expect: open-env | chr
open("".join(map(chr,[46,101,110,118]))).read()
