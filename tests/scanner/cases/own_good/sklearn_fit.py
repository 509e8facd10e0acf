# expect: none | fit and predict
from sklearn.linear_model import LinearRegression
m = LinearRegression()
m.fit([[1]], [1])
print(m.predict([[2]]))
