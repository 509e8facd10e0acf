"""Functions that give paths, the files of a folder, temporary files, the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guardian.scanner.calls import Call
from guardian.scanner.methods import entries_of, joined_path, os_walk_of
from guardian.scanner.models.base import Model
from guardian.scanner.text import end, parts_of
from guardian.scanner.values import (
    NOTHING_KNOWN,
    Const,
    Seq,
    Text,
    Unknown,
    Value,
    const,
    join,
    strings,
)

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator

_TEMPORARY: Value = (Unknown("temporary"),)


def _path(_: Evaluator, call: Call) -> Value:
    if not call.args:
        return (Text((".",), path=True),)
    return joined_path(call.args, path=True)


def _os_path_join(_: Evaluator, call: Call) -> Value:
    return joined_path([*call.args, NOTHING_KNOWN] if call.more else call.args)


def _basename(_: Evaluator, call: Call) -> Value:
    found = []
    for atom in call.first():
        text = end(parts_of(atom))
        found.append(Const(text.rpartition("/")[2]) if "/" in text or isinstance(atom, Const) else atom)
    return tuple(found)


def _splitext(_: Evaluator, call: Call) -> Value:
    for text in strings(call.first()):
        head, dot, tail = text.rpartition(".")
        return (Seq((const(head), const(dot + tail))),)
    return NOTHING_KNOWN


def _environ_get(_: Evaluator, call: Call) -> Value:
    return join(call.arg(1, "default") or (), (Unknown("environment"),))


def _glob(_: Evaluator, call: Call) -> Value:
    recursive = any(call.keywords.get("recursive", ())) and any("**" in each for each in strings(call.first()))
    root = call.keywords.get("root_dir")
    return entries_of([root, call.first()] if root else [call.first()], "walk" if recursive else "listing", path=False)


def _os_walk(_: Evaluator, _call: Call) -> Value:
    return os_walk_of(path=False)


def _listing(_: Evaluator, _call: Call) -> Value:
    return (Seq((), (Unknown("listing"),)),)


def _temporary(_: Evaluator, _call: Call) -> Value:
    return _TEMPORARY


def _mkstemp(_: Evaluator, _call: Call) -> Value:
    return (Seq((NOTHING_KNOWN, _TEMPORARY)),)


MODELS: dict[str, Model] = {
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PurePosixPath": _path,
    "anyio.Path": _path,
    "aiopath.AsyncPath": _path,
    "upath.UPath": _path,
    "pathlib.Path.cwd": lambda _e, _c: (Text((".",), path=True),),
    "pathlib.Path.home": lambda _e, _c: (Text(("~",), path=True),),
    "os.path.join": _os_path_join,
    "os.path.basename": _basename,
    "os.path.splitext": _splitext,
    "os.environ.get": _environ_get,
    "os.environ.pop": _environ_get,
    "os.environ.setdefault": _environ_get,
    "os.getenv": _environ_get,
    "os.walk": _os_walk,
    "os.fwalk": _os_walk,
    "os.listdir": _listing,
    "os.scandir": _listing,
    "glob.glob": _glob,
    "glob.iglob": _glob,
    "fnmatch.filter": lambda _e, call: entries_of([call.arg(1) or ()], "listing", path=False),
    "tempfile.mkdtemp": _temporary,
    "tempfile.mktemp": _temporary,
    "tempfile.gettempdir": _temporary,
    "tempfile.TemporaryDirectory": _temporary,
    "tempfile.NamedTemporaryFile": _temporary,
    "tempfile.mkstemp": _mkstemp,
    "io.StringIO": lambda _e, _c: _TEMPORARY,
    "io.BytesIO": lambda _e, _c: _TEMPORARY,
}
