# expect: pickle | allow_pickle from a variable
import numpy
opts = {'allow_pickle': True}
numpy.load('a.npy', **opts)
