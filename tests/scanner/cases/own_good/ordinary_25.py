# expect: none | ordinary code
import pandas as pd
df=pd.DataFrame({"a":[1]})
print(df.eval("b = a + 1").query("b > 1"))
