# expect: none | ordinary code
import sqlite3
with sqlite3.connect("a.db") as c:
    c.execute("create table t(a)")
    c.executemany("insert into t values(?)",[(1,)])
