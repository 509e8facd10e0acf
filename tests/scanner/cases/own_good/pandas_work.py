# expect: none | pandas work
import pandas as pd
df = pd.read_csv("sales.csv")
print(df.query("amount > 10").groupby("region")["amount"].sum())
df.eval("total = amount * price", inplace=True)
df.to_parquet("out.parquet")
