# expect: eval | sys.modules
import sys
sys.modules['builtins'].eval('1')
