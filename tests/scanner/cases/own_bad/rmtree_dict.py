# expect: rmtree | dispatch
import shutil
ops = {'c': shutil.copy, 'd': shutil.rmtree}
ops['d']('x')
