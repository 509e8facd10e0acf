# expect: shelve | DbfilenameShelf
from shelve import DbfilenameShelf as D
D('x')
