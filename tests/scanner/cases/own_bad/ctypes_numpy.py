# expect: ctypes | numpy.ctypeslib
import numpy as np
np.ctypeslib.load_library('x', '.')
