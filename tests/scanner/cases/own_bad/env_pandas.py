# expect: open-env | pandas.read_csv
import pandas as pd
pd.read_csv('prod.env', sep='=')
