# expect: none | ordinary code
import datetime,random,math,itertools,collections
print(random.choice([1]),math.pi,datetime.datetime.now())
