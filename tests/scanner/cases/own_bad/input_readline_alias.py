# expect: input | readline alias
from sys import stdin
rd=stdin.readline
rd()
