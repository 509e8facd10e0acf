"""The scanner beside `ast.parse` and bandit's own API: in process, over the standard library, in one run."""

import ast
import io
import logging
import os
import statistics
import sysconfig
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from guardian.scanner import scan_source
from guardian.scanner.policy import Policy

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
    parse, scan, bandit, files = 0.0, 0.0, 0.0, 0
    judge = _bandit()
    scan_source(b"")  # what is loaded once is not part of a file's time
    _POLICY.version  # noqa: B018
    for source in sources(step):
        took = _seconds(lambda source=source: _parsed(source))
        if took is None:
            continue
        files += 1
        parse += took
        scan += _seconds(lambda source=source: scan_source(source, policy=_POLICY)) or 0.0
        bandit += (_seconds(lambda source=source: judge(source)) or 0.0) if judge else 0.0
    short = statistics.median(_seconds(lambda: scan_source(_SHORT)) or 0.0 for _ in range(200))
    rows = [("ast.parse", f"{parse:.2f} s", "1.0"), ("scan_source", f"{scan:.2f} s", f"{scan / parse:.2f}")]
    rows.append(("bandit", f"{bandit:.2f} s", f"{bandit / parse:.1f}") if judge else ("bandit", "not installed", ""))
    rows.append((f"a script of {_SHORT.count(chr(10))} lines, median", f"{short * 1000:.2f} ms", ""))
    lines = [f"{files} files of the standard library, load {os.getloadavg()[0]:.1f}", "| what | time | of ast.parse |"]
    return "\n".join([*lines, "| --- | --- | --- |", *(f"| {' | '.join(row)} |" for row in rows)])


def _seconds(work: Callable[[], object]) -> float | None:
    """Of this process's own time: the machine is shared."""
    began = time.process_time()
    try:
        work()
    except (SyntaxError, ValueError, RecursionError):
        return None
    return time.process_time() - began


def _parsed(source: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ast.parse(source)


def _bandit() -> Callable[[bytes], object] | None:
    try:
        from bandit.core import config, meta_ast, metrics, node_visitor, test_set  # noqa: PLC0415
    except ImportError:
        return None
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


if __name__ == "__main__":
    print(run())
