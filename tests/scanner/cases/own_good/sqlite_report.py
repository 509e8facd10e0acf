# expect: none | sqlite report
import sqlite3
c = sqlite3.connect("report.db")
c.execute("create table if not exists t (a text, b real)")
c.executemany("insert into t values (?, ?)", [("x", 1.0)])
c.create_function("double", 1, lambda v: v * 2)
print(c.execute("select a, double(b) from t").fetchall())
c.commit()
