# expect: pickle | np pos
import numpy as np
np.load("x",None,True)
