# expect: none | getattr dispatch
class Handler:
    def on_start(self): return 1
    def on_stop(self): return 2
def dispatch(handler, event):
    method = getattr(handler, f"on_{event}", None)
    return method() if method else None
print(dispatch(Handler(), "start"))
