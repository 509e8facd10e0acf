# expect: exec | e2_gc
import gc
[o for o in gc.get_objects() if getattr(o,"__name__","")=="exec"][0]("1")
