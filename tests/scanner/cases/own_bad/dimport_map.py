# expect: import-dunder | map
list(map(__import__, ['os']))
