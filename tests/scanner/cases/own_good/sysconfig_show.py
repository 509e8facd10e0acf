# expect: none | sysconfig show
import sys, sysconfig, site, platform
print(sys.version, platform.platform(), sysconfig.get_path("stdlib"), site.ENABLE_USER_SITE)
