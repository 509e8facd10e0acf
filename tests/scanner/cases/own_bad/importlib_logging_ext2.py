# expect: importlib | logging dictConfig of a file's text
import logging.config, json
logging.config.dictConfig(json.load(open("log.json")))
