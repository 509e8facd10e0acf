# expect: shelve | getattr
import shelve
getattr(shelve, 'op' + 'en')('x')
