# expect: open-webhook | ternary
import sys
open("webhook.json" if sys else "a.json")
