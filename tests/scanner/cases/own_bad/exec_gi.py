# expect: exec | gi
g=(i for i in ())
g.gi_frame.f_builtins["exec"]("1")
