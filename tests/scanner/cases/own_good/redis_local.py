# expect: none | redis local
import redis
r = redis.Redis()
r.set("a", 1)
print(r.get("a"))
