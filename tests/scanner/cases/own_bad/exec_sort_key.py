# expect: exec | sort key
sorted(['1'], key=exec)
