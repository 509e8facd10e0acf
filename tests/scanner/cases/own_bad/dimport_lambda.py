# expect: import-dunder | lambda
(lambda i: i("os"))(__import__)
