# expect: none | pandas
import pandas as pd
df = pd.read_csv('data.csv')
df = df.query('a > 1')
df.to_csv('out.csv')
