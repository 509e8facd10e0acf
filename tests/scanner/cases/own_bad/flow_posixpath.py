# expect: os-system | posixpath
import posixpath
posixpath.os.system("x")
