"""What a scan leaves behind in the process that asked for it."""

import gc

from guardian.scanner import scan_source

SCRIPT = """
import functools
from subprocess import run as start

class Report:
    name = "x"
    def __init__(self, folder):
        self.folder = folder
        self.lines = [len(each) for each in folder]
    def add(self, line):
        global total
        total = functools.partial(start, line)
        return lambda: total(self.folder, *[line])

def recursive(count=3):
    return recursive(count - 1) if count else Report("/tmp").add("ls")

recursive()()
eval("1")
"""


def test_nothing_is_left_for_the_garbage_collector() -> None:
    scan_source(SCRIPT)  # what is loaded and kept once
    gc.collect()
    gc.disable()
    try:
        report = scan_source(SCRIPT)
        left = gc.collect()
    finally:
        gc.enable()
    assert report.findings
    assert left == 0
