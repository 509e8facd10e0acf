"""Functions that give what they are given, as far as a script can hide something behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guardian.scanner.calls import Call
from guardian.scanner.models.base import Model
from guardian.scanner.values import NOTHING_KNOWN, Value

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator

_NAMES = (
    "importlib.reload",
    "functools.lru_cache()",
    "functools.cache",
    "functools.wraps()",
    "functools.update_wrapper",
    "functools.singledispatch",
    "contextlib.contextmanager",
    "contextlib.nullcontext",
    "contextlib.closing",
    "contextlib.ExitStack().enter_context",
    "contextlib.AsyncExitStack().enter_async_context",
    "contextlib.AsyncExitStack().enter_context",
    "builtins.staticmethod",
    "builtins.classmethod",
    "copy.copy",
    "copy.deepcopy",
    "weakref.proxy",
    "types.MethodType",
    "types.MappingProxyType",
    "builtins.memoryview",
    "os.path.abspath",
    "os.path.realpath",
    "os.path.normpath",
    "os.path.expanduser",
    "os.path.expandvars",
    "os.path.normcase",
    "os.fspath",
    "os.fsencode",
    "os.fsdecode",
    "io.TextIOWrapper",
    "io.BufferedReader",
    "shutil.which",
    "asyncio.wait_for",
    "asyncio.run",
)


def _first(_: Evaluator, call: Call) -> Value:
    return call.first() or NOTHING_KNOWN


def _second(_: Evaluator, call: Call) -> Value:
    return call.arg(1) or NOTHING_KNOWN


MODELS: dict[str, Model] = {**dict.fromkeys(_NAMES, _first), "typing.cast": _second}
