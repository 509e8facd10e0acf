# expect: open-token | netrc
import netrc
netrc.netrc()
