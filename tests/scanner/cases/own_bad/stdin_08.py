# expect: input | stdin 8
import sys
vars(sys)["stdin"].read()
