# expect: open-key | codecs.open
import codecs
codecs.open('server.key').read()
