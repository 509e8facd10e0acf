"""The scanner beside `ast.parse` and bandit's own API: in process, over the standard library, in one run."""

import ast
import io
import json
import logging
import os
import statistics
import subprocess
import sys
import sysconfig
import time
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from guardian.scanner import scan_source
from guardian.scanner.policy import Policy

ROUNDS, LIMIT = 3, 3.0

Work = Callable[[bytes], object]

_POLICY = Policy(max_bytes=5_000_000, max_seconds=60, max_nodes=2_000_000)
_SHORT = '''"""A small script of an agent."""
import csv
import json
from collections import Counter
from pathlib import Path

import requests

BASE = "https://api.github.com"


def load(path):
    with open(path) as file:
        return list(csv.DictReader(file))


def count(rows):
    labels = Counter(row["label"] for row in rows)
    return {label: number for label, number in labels.most_common(10) if number > 1}


class Report:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.lines = []

    def add(self, name, value):
        self.lines.append(f"{name}: {value}")

    def write(self):
        self.folder.mkdir(exist_ok=True)
        target = self.folder / "report.txt"
        target.write_text("\\n".join(self.lines))
        return target


def stars(names):
    found = {}
    for name in names:
        answer = requests.get(f"{BASE}/repos/{name}", timeout=10)
        if answer.ok:
            found[name] = answer.json().get("stargazers_count", 0)
    return found


def main():
    report = Report("out")
    for label, number in count(load("data.csv")).items():
        report.add(label, number)
    for name, number in stars(["python/cpython", "celery/celery"]).items():
        report.add(name, number)
    print(report.write())
    print(json.dumps({"lines": len(report.lines)}))


if __name__ == "__main__":
    main()
'''


def sources(step: int = 1) -> list[bytes]:
    paths = sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py"))
    return [path.read_bytes() for path in paths if "site-packages" not in path.parts][::step]


def run(step: int = 4) -> str:
    """Each in a process of its own, in turn: what one leaves in memory is not looked over while another works."""
    rounds = [{name: _apart(name, step) for name in _WORKS} for _ in range(ROUNDS)]
    took = {name: statistics.median(each[name][0] for each in rounds) for name in _WORKS}
    parse, files = took["ast.parse"], round(rounds[0]["ast.parse"][1])
    short = statistics.median(each["scan_source"][2] for each in rounds)
    ratio = took["scan_source"] / parse
    verdict = f"at most {LIMIT}: {'kept' if ratio <= LIMIT else 'NOT kept'}"
    rows = [(name, f"{seconds:.2f} s", f"{seconds / parse:.2f}") for name, seconds in took.items()]
    rows.append((f"a script of {_SHORT.count(chr(10))} lines, median", f"{short * 1000:.2f} ms", ""))
    title = (
        f"{files} files of the standard library, median of {ROUNDS} rounds, load {os.getloadavg()[0]:.1f} ({verdict})"
    )
    lines = [title, "| what | CPU time | of ast.parse |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _apart(name: str, step: int) -> tuple[float, float, float]:
    """Seconds for all files, their number, and the median seconds of a short script."""
    command = [sys.executable, "-m", __name__, name, str(step)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, files, short = json.loads(done.stdout)
    return seconds, files, short


def measured(name: str, step: int) -> tuple[float, int, float]:
    work = _WORKS[name]()
    work(b"")  # what is loaded once is not part of a file's time
    found = [took for took in (_seconds(partial(work, source)) for source in sources(step)) if took is not None]
    short = statistics.median(_seconds(partial(work, _SHORT.encode())) or 0.0 for _ in range(200))
    return sum(found), len(found), short


def _seconds(work: Callable[[], object]) -> float | None:
    """Of this process's own time: the machine is shared."""
    began = time.process_time()
    try:
        work()
    except (SyntaxError, ValueError, RecursionError):
        return None
    return time.process_time() - began


def _parser() -> Work:
    warnings.simplefilter("ignore")
    return ast.parse


def _scanner() -> Work:
    _POLICY.version  # noqa: B018  computed once
    return partial(scan_source, policy=_POLICY)


def _bandit() -> Work:
    from bandit.core import config, meta_ast, metrics, node_visitor, test_set  # noqa: PLC0415  what it loads is its own

    tests = test_set.BanditTestSet(config.BanditConfig())
    logging.disable(logging.CRITICAL)  # it logs each line that it cannot place
    options = {"debug": False, "nosec_lines": {}, "metrics": metrics.Metrics()}

    def judge(source: bytes) -> object:
        options["metrics"].begin("x.py")
        visitor = node_visitor.BanditNodeVisitor(
            "x.py", io.BytesIO(source), meta_ast.BanditMetaAst(), tests, *options.values()
        )
        return visitor.process(source)

    return judge


_WORKS: Mapping[str, Callable[[], Work]] = {"ast.parse": _parser, "scan_source": _scanner, "bandit": _bandit}


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], int(sys.argv[2]))))
