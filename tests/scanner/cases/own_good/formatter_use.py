# expect: none | formatter use
import string
print(string.Formatter().format("{0} {name}", 1, name="x"), string.Template("$a").substitute(a=1))
