# expect: os-system | attrgetter with dots
import shutil
from operator import attrgetter
attrgetter('os.system')(shutil)('true')
