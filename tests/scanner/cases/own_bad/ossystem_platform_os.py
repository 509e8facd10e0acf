# expect: os-system | platform.os
import platform
platform.os.system('true')
