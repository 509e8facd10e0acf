# expect: open-key | np
import numpy as np
np.fromfile("server.key")
