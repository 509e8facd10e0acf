# expect: none | logging to a file
import logging
logging.basicConfig(filename='run.log')
logging.warning('x')
