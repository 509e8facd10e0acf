# expect: exec | pdb.run
import pdb
pdb.run('1')
