# expect: none | method named exec
class Q:
    def exec(self, sql): return sql
Q().exec('select 1')
