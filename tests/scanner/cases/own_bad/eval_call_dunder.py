# expect: eval | __call__
eval.__call__('1')
