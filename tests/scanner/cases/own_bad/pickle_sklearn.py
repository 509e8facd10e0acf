# expect: pickle | sklearn
from sklearn.externals import joblib
joblib.load("x")
