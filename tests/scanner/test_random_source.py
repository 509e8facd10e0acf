"""Whatever text or tree: a report, never an exception, and a fault of the scanner is never hidden as G001."""

import ast
import string
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from guardian.scanner import scan_source
from guardian.scanner.report import ScanReport
from tests.scanner.shared_cases import scripts

_PIECES = [path.read_bytes().decode("utf-8", "replace") for path in scripts("bad", "own_bad", "good")]
_WORDS = sorted({word for piece in _PIECES for word in piece.replace("(", " ( ").replace(")", " ) ").split()})
_QUICK = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


def _well(report: ScanReport) -> None:
    assert not [each for each in report.findings if "could not be judged" in each.message], report.findings


@_QUICK
@given(st.binary(max_size=400))
def test_bytes(raw: bytes) -> None:
    _well(scan_source(raw))


@_QUICK
@given(st.text(max_size=300))
def test_text(text: str) -> None:
    _well(scan_source(text))


@_QUICK
@given(
    st.lists(st.sampled_from([*_WORDS, "\n", "\n    ", " ", "=", ".", ",", ":", "lambda x:", "for", "in"]), max_size=60)
)
def test_words_of_scripts(words: list[str]) -> None:
    _well(scan_source(" ".join(words)))


@_QUICK
@given(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=6))
def test_scripts_put_together(pieces: list[str]) -> None:
    _well(scan_source("\n".join(pieces)))


_NAMES = ["a", "b", "os", "eval", "open", "getattr", "self", "f", "x", "subprocess", "sys"]
_VALUES = ["system", "eval", ".env", "http://a", "", 0, 3, -1, 300, None, True, b"\xff", 2.5]
_FIELDS = ["system", "join", "__dict__", "f", "get", "format", "decode"]
_OPERATORS = [ast.Add, ast.Mod, ast.Mult, ast.Div, ast.BitOr, ast.Pow, ast.LShift]


def _tree(random: Random, depth: int) -> ast.expr:
    if depth == 0 or random.random() < 0.15:
        name = random.choice([True, False])
        return ast.Name(random.choice(_NAMES), ast.Load()) if name else ast.Constant(random.choice(_VALUES))
    return random.choice(_GROWING)(random, lambda: _tree(random, depth - 1))


def _comprehension(_: Random, inner: Callable[[], ast.expr]) -> ast.expr:
    return ast.ListComp(inner(), [ast.comprehension(ast.Name("x", ast.Store()), inner(), [inner()], 0)])


def _lambda(_: Random, inner: Callable[[], ast.expr]) -> ast.expr:
    return ast.Lambda(ast.arguments([], [ast.arg("x")], None, [], [], None, []), inner())


_GROWING: list[Callable[[Random, Callable[[], ast.expr]], ast.expr]] = [
    lambda _, inner: ast.Call(inner(), [inner(), inner()], []),
    lambda _, inner: ast.Call(inner(), [ast.Starred(inner(), ast.Load())], [ast.keyword(None, inner())]),
    lambda random, inner: ast.Attribute(inner(), random.choice(_FIELDS), ast.Load()),
    lambda _, inner: ast.Subscript(inner(), inner(), ast.Load()),
    lambda random, inner: ast.BinOp(inner(), random.choice(_OPERATORS)(), inner()),
    lambda _, inner: ast.List([inner(), inner()], ast.Load()),
    lambda _, inner: ast.Dict([inner()], [inner()]),
    lambda _, inner: ast.IfExp(inner(), inner(), inner()),
    lambda _, inner: ast.JoinedStr([ast.FormattedValue(inner(), -1)]),
    lambda random, inner: ast.NamedExpr(ast.Name(random.choice(_NAMES), ast.Store()), inner()),
    _comprehension,
    _lambda,
]


def _scan_tree(random: Random) -> None:
    body: list[ast.stmt] = [
        ast.Assign([ast.Name(random.choice(_NAMES), ast.Store())], _tree(random, random.randint(1, 5)))
        for _ in range(4)
    ]
    try:
        source = ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
    except ValueError:  # a backslash inside of an f-string: not every tree can be written before Python 3.12
        reject()
    _well(scan_source(source))


@_QUICK
@given(st.randoms(use_true_random=False))
def test_trees(random: Random) -> None:
    _scan_tree(random)


@pytest.mark.long
@settings(_QUICK, max_examples=8_000)
@given(st.randoms(use_true_random=False))
def test_thousands_of_trees(random: Random) -> None:
    _scan_tree(random)


@_QUICK
@given(st.text(alphabet=string.printable, max_size=200))
def test_printable_text_gives_places_within_it(text: str) -> None:
    report = scan_source(f"eval('1')  # {text!r}")
    for each in report.findings:
        assert each.line >= 1
        assert each.column >= 1
