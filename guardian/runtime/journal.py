"""Where Guardian's processes log: plain lines on stderr, or one file for all of them.

Every process appends to the file and opens it anew when it was renamed; only the parent renames it, so that
no line is lost and no two processes rotate at once.
"""

import logging
import os
import sys
import time
from logging.handlers import WatchedFileHandler
from pathlib import Path

MAX_BYTES = 5_000_000
KEPT = 3

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s[%(process)d] %(message)s"
_CHATTY = ("celery", "kombu", "amqp", "urllib3", "apprise")
"""Loggers of libraries that speak of every message at INFO."""


def begin(file: Path | None) -> None:
    """Log to the file, or to stderr. Children inherit it; `node.prepare` has Celery leave it alone."""
    handler = _file(file) if file else logging.StreamHandler()
    formatter = logging.Formatter(_FORMAT, "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("guardian").setLevel(logging.INFO)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _file(file: Path) -> logging.Handler:
    return WatchedFileHandler(file, encoding="utf-8", errors="backslashreplace")


def redirect_output(file: Path) -> None:
    """Have whatever this process and its children print end up in the file instead of on the terminal."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
            os.dup2(descriptor, stream.fileno())
    os.close(descriptor)


def rotate(file: Path) -> None:
    """Rename the file when it is too large; keeps the last ones. Only one process may do this."""
    try:
        if file.stat().st_size < MAX_BYTES:
            return
    except FileNotFoundError:
        return
    for number in range(KEPT - 1, 0, -1):
        older = file.with_name(f"{file.name}.{number}")
        if older.exists():
            older.replace(file.with_name(f"{file.name}.{number + 1}"))
    file.replace(file.with_name(f"{file.name}.1"))
