# expect: open-token | format map
open("{k}_token.txt".format_map({"k":"api"}))
