# expect: none | database cursor
import sqlite3
c = sqlite3.connect(':memory:')
c.execute('select 1')
print(c.execute('select 2').fetchall())
