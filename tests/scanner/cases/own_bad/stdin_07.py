# expect: input | stdin 7
import getpass
getpass.getpass()
