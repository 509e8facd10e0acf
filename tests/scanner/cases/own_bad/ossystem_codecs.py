# expect: os-system | codecs
import codecs
codecs.sys.modules["os"].system("x")
