# expect: input | select
import sys,select
select.select([sys.stdin],[],[])
