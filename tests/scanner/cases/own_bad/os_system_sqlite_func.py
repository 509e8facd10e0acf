# expect: os-system | create_function
import sqlite3, os
c = sqlite3.connect(":memory:")
c.create_function("run", 1, os.system)
c.execute("select run('id')")
