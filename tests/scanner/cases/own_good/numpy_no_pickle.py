# expect: none | allow_pickle False
import numpy as np
np.load('a.npy', allow_pickle=False)
