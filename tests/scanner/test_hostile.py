"""Scripts that are made to break the scanner: an answer within the limits, and never an exception."""

import os
import threading
import time
import zlib
from collections.abc import Callable
from encodings.aliases import aliases
from pathlib import Path

import pytest

from guardian.scanner import scan_file, scan_source
from guardian.scanner.policy import Policy
from guardian.scanner.report import ScanReport, ScanVerdict
from guardian.scanner.walk import _CHECK_EVERY

_GENEROUS = 30  # seconds: machines are shared; the policy's own limit is far below
_BOMB = zlib.compress(b"a" * 50_000_000).hex()

NESTED: dict[str, Callable[[int], str]] = {
    "sum": lambda n: "x = " + " + ".join(["1"] * n),
    "strings": lambda n: "open(" + " + ".join(['"a"'] * n) + ")",
    "parentheses": lambda n: "x = " + "(" * n + "1" + ")" * n,
    "lists": lambda n: "x = " + "[" * n + "]" * n,
    "attributes": lambda n: "x = a" + ".b" * n,
    "calls": lambda n: "x = a" + "()" * n,
    "subscripts": lambda n: "x = a" + "[0]" * n,
    "not": lambda n: "x = " + "not " * n + "1",
    "minus": lambda n: "x = " + "-" * n + "1",
    "lambdas": lambda n: "x = " + "lambda: " * n + "1",
    "conditionals": lambda n: "x = " + "1 if 1 else " * n + "1",
    "f-strings": lambda n: "x = " + '+ f"{a}"' * n,
    "f-strings in f-strings": lambda n: "x = " + "f'{" * min(n, 200) + "1" + "}'" * min(n, 200),
    "elif": lambda n: "if 1: pass\n" + "elif 1: pass\n" * n,
    "powers": lambda n: "x = " + "2 ** " * n + "2",
    "comparisons": lambda n: "x = " + "1 < " * n + "1",
    "decorators": lambda n: "@a\n" * n + "def f(): pass",
    "unfinished": lambda n: "(" * n,
    "names": lambda n: "\n".join(f"x{i} = x{i + 1}" for i in range(n)) + f'\nx{n} = "a"\nopen(x0)',
    "names twice": lambda n: "\n".join(f"x{i} = x{i + 1} + x{i + 1}" for i in range(n)) + f'\nx{n} = "a"\nopen(x0)',
    "doubling": lambda n: 'x = "a"\n' + "x += x\n" * n + "open(x)",
    "functions in a ring": lambda n: (
        "\n".join(f"def f{i}(a=0): return f{(i * 7 + 1) % n}(f{(i * 3 + 2) % n}(a))" for i in range(n))
        + '\nopen(f1("a"))'
    ),
}
BOMBS = {
    "times": "'a' * 10 ** 9",
    "power": "str(9 ** 9 ** 9 ** 9)",
    "shift": "str(1 << 10 ** 9)",
    "format": "'{:>999999999}'.format('x')",
    "percent": "'%999999999d' % 1",
    "f-string": "f'{1:999999999}'",
    "padding": "'a'.ljust(10 ** 10)",
    "inflate": f"__import__('zlib').decompress(bytes.fromhex('{_BOMB}')).decode()",
    "range": "''.join(chr(i) for i in range(10 ** 12))",
    "joins": "''.join([''.join([''.join([a + b + c for c in 'ab' * 99]) for b in 'ab' * 99]) for a in 'ab' * 99])",
    "replace": "'a'" + ".replace('a', 'aaaaaaaaaa')" * 12,
    "pattern": "re.sub('(a+)+$', 'b', '" + "a" * 40 + "!')",
}


def _in_time(scan: Callable[[], ScanReport]) -> ScanReport:
    began = time.monotonic()
    report = scan()
    assert time.monotonic() - began < _GENEROUS
    assert not [each for each in report.findings if "could not be judged" in each.message], report.findings
    return report


@pytest.mark.parametrize("count", [1_500, 100_000])
@pytest.mark.parametrize("kind", NESTED)
def test_whatever_is_nested_is_answered(kind: str, count: int) -> None:
    source = NESTED[kind](count)[:900_000]
    _in_time(lambda: scan_source(source))


@pytest.mark.parametrize("kind", BOMBS)
def test_a_constant_that_would_be_huge_is_not_made(kind: str) -> None:
    report = _in_time(lambda: scan_source(f"import os, re\ngetattr(os, {BOMBS[kind]})('true')\n"))
    assert report.verdict is not ScanVerdict.ALLOW


@pytest.mark.parametrize(
    "raw",
    [
        b"x = 1\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf# -*- coding: latin-1 -*-\n",
        b"x = '\xff'",
        b"# coding: nonsense\n",
        b"# coding: hex\n6576616c",
        b"# coding: zlib\nx",
        b"# coding: utf-16\nx = 1",
        b"# coding: undefined\nx = 1",
        b"# coding: idna\n\xff",
        b"x = (",
        b"\tx\n y",
        "x = 1".encode("utf-16"),
        os.urandom(5_000),
    ],
)
def test_what_python_cannot_read_is_blocked(raw: bytes) -> None:
    report = _in_time(lambda: scan_source(raw))
    assert [each.rule for each in report.findings] == ["G001"]
    assert report.verdict is ScanVerdict.BLOCK


def test_what_is_one_script_as_a_file_and_another_as_a_text_is_blocked() -> None:
    """`exec` and `python -c` heed no declaration: there this is no string, and `eval` is called."""
    script = "# coding: utf-7\nr = ACI = 0\nx = r+ACI-eval('[]')#+ACI-\n"
    for source in (script, script.encode()):
        report = scan_source(source)
        assert (report.verdict, report.findings[0].rule) == (ScanVerdict.BLOCK, "G001")
        assert report.findings[0].message == "declares utf-7; read as UTF-8 it is another script"


@pytest.mark.parametrize(
    "raw",
    [
        "# coding: utf-8\nname = 'é'\n".encode(),
        b"\xef\xbb\xbf# coding: utf-8\nname = '\xc3\xa9'\n",
        "# coding: latin-1\nname = 'é'\n".encode("latin-1"),
        b"# coding: latin-1\nname = 'e'\r\n",
    ],
)
def test_a_script_that_can_be_read_in_one_way_alone_is_allowed(raw: bytes) -> None:
    assert scan_source(raw).verdict is ScanVerdict.ALLOW


def test_every_codec_that_python_has_is_answered() -> None:
    for name in sorted({*aliases, *aliases.values()}):
        _in_time(lambda name=name: scan_source(f"# -*- coding: {name} -*-\nx = 1\n".encode()))


def test_a_line_of_ten_megabytes_and_a_file_of_fifty(tmp_path: Path) -> None:
    assert _in_time(lambda: scan_source("x = '" + "a" * 10_000_000 + "'")).findings[0].rule == "G001"
    large = tmp_path / "large.py"
    with large.open("wb") as file:
        file.truncate(50_000_000)
    assert "50000000 bytes" in _in_time(lambda: scan_file(large)).findings[0].message


def test_a_line_of_ten_megabytes_within_the_limits_is_read() -> None:
    policy = Policy(max_bytes=20_000_000)
    report = _in_time(lambda: scan_source("x = '" + "a" * 10_000_000 + "'; eval(x)", policy=policy))
    assert [each.rule for each in report.findings] == ["G101"]
    assert len(report.findings[0].snippet) < 10_000


def test_too_many_nodes_and_too_much_time_are_blocked() -> None:
    assert scan_source("x = [" + "1, " * 200 + "]", policy=Policy(max_nodes=100)).verdict is ScanVerdict.BLOCK
    assert scan_source("x = 1\n" * 2_000, policy=Policy(max_seconds=0)).verdict is ScanVerdict.BLOCK


class Clocks:
    """A machine on which a scan has the processor for so much of the time, and a second passes at each look."""

    def __init__(self, share: float) -> None:
        self._share, self._now = share, 0.0
        self.perf_counter = time.perf_counter

    def monotonic(self) -> float:
        self._now += 1
        return self._now

    def thread_time(self) -> float:
        return self._now * self._share


@pytest.mark.parametrize(
    ("share", "looks", "message"),
    [
        (0.1, 10, None),  # twice the limit by the clock, a fifth of it by the processor
        (0.1, 40, "was not read within 13 s: the machine is too busy"),
        (1.0, 10, "takes more than 5 s"),
    ],
)
def test_a_busy_machine_makes_a_script_no_worse(
    monkeypatch: pytest.MonkeyPatch, share: float, looks: int, message: str | None
) -> None:
    monkeypatch.setattr("guardian.scanner.scan.time", Clocks(share))
    report = scan_source("x = 1\n" * (looks * _CHECK_EVERY))
    assert [each.message for each in report.findings] == ([message] if message else [])


def test_what_is_no_file_is_said_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "pipe", tmp_path / "folder", tmp_path / "loop", tmp_path / "gone", Path("/dev/zero")):
        report = _in_time(lambda path=path: scan_file(path))
        assert [each.rule for each in report.findings] == ["G001"]
        assert report.sha256 is None


def test_a_name_that_is_no_path_is_said() -> None:
    assert scan_file("a\0b").findings[0].rule == "G001"


def test_a_link_is_read_as_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("eval('1')")
    (tmp_path / "link.py").symlink_to("real.py")
    assert [each.rule for each in scan_file(tmp_path / "link.py").findings] == ["G101"]


def test_a_file_that_changes_while_it_is_read_is_not_judged_by_halves(tmp_path: Path) -> None:
    path, stop = tmp_path / "changing.py", threading.Event()
    path.write_text("x = 1\n")

    def change() -> None:
        while not stop.is_set():
            with path.open("r+") as file:
                file.write("x = 1\n" * 1_000)
                file.truncate(6)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(300):
            report = scan_file(path)
            assert report.verdict is ScanVerdict.ALLOW or report.findings[0].rule == "G001"
    finally:
        stop.set()
        thread.join()


def test_chains_of_names_are_followed_or_said() -> None:
    for count in (10, 100, 1_000, 5_000):
        names = "\n".join(f"x{i + 1} = x{i}" for i in range(count))
        report = scan_source(f"import subprocess\nx0 = subprocess.run\n{names}\nx{count}('true', shell=True)\n")
        assert report.verdict is not ScanVerdict.ALLOW
        assert {each.rule for each in report.findings} <= {"G205", "G001"}
