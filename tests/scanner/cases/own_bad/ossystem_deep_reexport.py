# expect: os-system | two modules deep
import logging.handlers
logging.handlers.os.system('true')
