# expect: pickle | hdf
import pandas
pandas.read_hdf("x")
