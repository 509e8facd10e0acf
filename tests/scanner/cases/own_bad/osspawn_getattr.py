# expect: os-spawn | getattr
import os
getattr(os,"spawn"+"vp")(os.P_WAIT,"t",["t"])
