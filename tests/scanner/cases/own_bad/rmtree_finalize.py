# expect: rmtree | finalize
import weakref,shutil
weakref.finalize(object,shutil.rmtree,"x")
