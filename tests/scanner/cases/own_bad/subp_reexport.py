# expect: subprocess | webbrowser.subprocess
import webbrowser
webbrowser.subprocess.Popen(['true'])
