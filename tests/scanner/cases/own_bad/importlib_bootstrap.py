# expect: importlib | bootstrap
import sys
sys.modules["importlib._bootstrap"]._gcd_import("os")
