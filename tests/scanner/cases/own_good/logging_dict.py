# expect: none | logging dict
import logging.config
logging.config.dictConfig({
    "version": 1,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stdout"},
                 "file": {"class": "logging.handlers.RotatingFileHandler", "filename": "app.log", "maxBytes": 10000}},
    "root": {"level": "INFO", "handlers": ["console", "file"]},
})
logging.getLogger(__name__).info("started")
