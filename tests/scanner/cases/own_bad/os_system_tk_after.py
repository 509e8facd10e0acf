# expect: os-system | tkinter after
import tkinter, os
root = tkinter.Tk()
root.after(10, os.system, "id")
root.mainloop()
