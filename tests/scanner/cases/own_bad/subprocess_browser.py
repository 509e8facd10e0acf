# expect: subprocess | webbrowser
import webbrowser
webbrowser.get("sh -c id %s").open("x")
