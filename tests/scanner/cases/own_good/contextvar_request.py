# expect: none | contextvar request
import contextvars
request_id = contextvars.ContextVar("request_id", default="-")
def log(msg):
    print(request_id.get(), msg)
token = request_id.set("42")
log("hi")
request_id.reset(token)
