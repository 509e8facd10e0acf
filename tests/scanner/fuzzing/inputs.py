"""Scripts that nobody would write: the cases crossed with each other, with the standard library and with noise."""

import ast
import copy
import re
import sysconfig
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.scanner.fuzzing.grammar import program
from tests.scanner.shared_cases import scripts
from tests.scanner.test_hostile import BOMBS, NESTED

LONGEST = 60_000
_KEPT_LENGTH, _MOST_KEPT = 4_000, 5_000
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_COOKIES = [
    "utf-8",
    "latin-1",
    "utf-7",
    "utf-16",
    "cp1252",
    "rot13",
    "hex",
    "idna",
    "punycode",
    "unicode_escape",
    "gbk",
]
_LETTERS = "\0\x0c\r\x1a\ufeff\u3002\u202e\u200b\u00aa\uff45\U0001d41e\ud800\u0130\u1e9e\\'\"{}()[]#\n\t@:;~`$?!"
_AROUND = [
    "eval({})", "getattr(os, {})", "open({})", "lambda: {}", "[x for x in {}]", "f'{{{}}}'", "({} or {})", "a[{}]",
    "dict(a={})", "{}.a", "{}()", "(yield {})", "''.join({})", "str({}, 'rot13')", "map(f, {})", "*{}",
]  # fmt: skip


class Inputs:
    """`keep` what behaved in a new way: it is crossed with the others from then on."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._cases = [path.read_bytes() for path in scripts("bad", "own_bad", "good", "own_good")]
        self._given = len(self._cases)
        self._library = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
        self._kinds: list[Callable[[], bytes]] = [
            *[self._crossed] * 6, *[self._lines] * 2, *[self._tokens] * 4, *[self._grown] * 4, *[self._wrapped] * 2,
            self._bytes, self._piled, self._with_library,
        ]  # fmt: skip

    def keep(self, raw: bytes) -> None:
        if len(raw) > _KEPT_LENGTH:
            return
        if len(self._cases) - self._given < _MOST_KEPT:
            self._cases.append(raw)
        else:
            self._cases[self._random.randrange(self._given, len(self._cases))] = raw

    def next(self) -> bytes:
        while True:
            try:
                return self._random.choice(self._kinds)()[:LONGEST]
            except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError, AttributeError):
                continue  # this tree cannot be written down

    def _text(self) -> str:
        return self._random.choice(self._cases).decode("utf-8", "surrogateescape")

    def _encoded(self, text: str) -> bytes:
        return text.encode("utf-8", "surrogatepass" if self._random.random() < 0.5 else "replace")

    def _crossed(self) -> bytes:
        """Expressions of one script in the places of another's, whatever they are."""
        tree, other = ast.parse(self._text()), ast.parse(self._text())
        given = [each for each in ast.walk(other) if isinstance(each, ast.expr)]
        for _ in range(self._random.randint(1, 4)):
            places = [
                (node, name)
                for node in ast.walk(tree)
                for name, value in ast.iter_fields(node)
                if isinstance(value, ast.expr) and not isinstance(getattr(value, "ctx", None), ast.Store)
            ]
            node, name = self._random.choice(places or [(ast.Expr(), "value")])
            setattr(node, name, copy.deepcopy(self._random.choice(given or [ast.Constant(1)])))
        self._random.choice([tree.body.extend, tree.body.__iadd__])(other.body)
        if self._random.random() < 0.2:
            self._random.shuffle(tree.body)
        return self._encoded(ast.unparse(ast.fix_missing_locations(tree)))

    def _lines(self) -> bytes:
        lines = [line for _ in range(3) for line in self._text().split("\n")]
        return self._encoded("\n".join(self._random.choices(lines, k=self._random.randint(1, 20))))

    def _tokens(self) -> bytes:
        tokens, others = _TOKEN.findall(self._text()), _TOKEN.findall(self._text())
        for _ in range(self._random.randint(1, 6)):
            at = self._random.randrange(len(tokens) + 1)
            tokens[at : at + self._random.randint(0, 2)] = self._random.choices(
                others or ["a"], k=self._random.randint(0, 2)
            )
        return self._encoded("".join(tokens))

    def _wrapped(self) -> bytes:
        """An expression within others, deeper and deeper."""
        given = [ast.unparse(each) for each in ast.walk(ast.parse(self._text())) if isinstance(each, ast.expr)]
        inner = self._random.choice(given or ["a"])
        for _ in range(self._random.randint(1, 30)):
            inner = self._random.choice(_AROUND).replace("{{", "\1").replace("}}", "\2").replace("{}", inner)
            inner = inner.replace("\1", "{").replace("\2", "}")[:LONGEST]
        return self._encoded(f"{self._text()}\nx = {inner}\n")

    def _grown(self) -> bytes:
        text = program(self._random)
        return self._encoded(text if self._random.random() < 0.7 else f"{self._text()}\n{text}\n{self._text()}")

    def _bytes(self) -> bytes:
        raw = bytearray(self._random.choice(self._cases))
        for _ in range(self._random.randint(1, 5)):
            at = self._random.randrange(len(raw) + 1)
            letter = self._random.choice(_LETTERS).encode("utf-8", "surrogatepass")
            raw[at : at + self._random.randint(0, 1)] = self._random.choice([self._random.randbytes(1), letter])
        if self._random.random() < 0.3:
            raw[:0] = f"# coding: {self._random.choice(_COOKIES)}\n".encode()
        return bytes(raw)

    def _piled(self) -> bytes:
        """Much of one kind, which is where time and memory go."""
        count = self._random.choice([10, 100, 500, 2_000])
        return self._encoded(
            self._random.choice(
                [
                    lambda: NESTED[self._random.choice(list(NESTED))](count),
                    lambda: f"{self._text()}\ngetattr(os, {BOMBS[self._random.choice(list(BOMBS))]})()",
                    lambda: "\n".join([self._text()] * self._random.randint(2, 20)),
                    lambda: f"x = {self._random.choice(_NUMBERED)}\n" * 2 + self._rows(count),
                ]
            )()
        )

    def _rows(self, count: int) -> str:
        row, bound = self._random.choice(_ROWS), self._random.choice([1, 3, count])
        return "\n".join(
            row.format(i=i, j=(i * 7 + 1) % bound, k=self._random.randrange(bound)) for i in range(count)
        ) + f"\n{self._text()}\nopen(x0 + x1, f0(x))"  # fmt: skip

    def _with_library(self) -> bytes:
        body = ast.parse(self._random.choice(self._library).read_bytes()).body
        some = [ast.unparse(each) for each in self._random.sample(body, min(len(body), 5))]
        return self._encoded("\n".join([*some, self._text()]))


_NUMBERED = ["'a'", "[x]", "{'a': x}", "lambda: x", "(x, x)", "f'{x}{x}'", "x.x", "x[0]"]
_ROWS = [
    "x{i} = x{j} + x{k}",
    "x{i} = [x{j}, x{k}]",
    "x{i} = x{j}(x{k})",
    "x{i} = {{x{j}: x{k}}}",
    "def f{i}(a=x{j}): return f{k}(a)",
    "class A{i}(A{j}):\n    x = A{k}.x",
    "x{i} = lambda a: x{j}(a, x{k})",
    "x{i}, x{j} = x{k}, x{i}",
    "x{i} = x{j}.format(x{k})",
    "for x{i} in x{j}: x{k} = x{i}",
    "x{i} = x{j} if x{k} else x{i}",
    "x.append(x{j}); x[{i}] = x{k}",
    "x{j} += x{k}",
    "x{i} = getattr(x{j}, x{k})",
    "def g{i}(): yield g{j}; return x{k}",
    "with f{j}() as x{i}: x{k} = x{i}",
    "x{i} = x{j}[x{k}:]",
]
