# expect: exec | Profile().run
import profile as p
p.Profile().runctx('1', {}, {})
