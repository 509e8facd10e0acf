# expect: eval | DataFrame.eval of built text
import pandas as pd
import sys
df = pd.DataFrame({'a': [1]})
df.eval(sys.argv[1])
