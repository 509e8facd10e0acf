"""The operator's own plug-ins: each Python file of a named folder is a check, a remedy, or both.

A folder that cannot be used is a mistake in the configuration. A broken file never is: it becomes a check that answers
unknown, with the reason, and the others go on.
"""

import contextlib
import io
import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, NoReturn

from guardian import registry
from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.config import CheckSection
from guardian.config.tree import check_model
from guardian.diagnose.plain import brief
from guardian.engine import contained
from guardian.errors import ConfigFault, PluginError, SourceError
from guardian.heal.base import Remedy
from guardian.host.apart import CAN, Lost, apart
from guardian.settings import Model

LOOK_LIMIT, LONGEST_LOOK = timedelta(seconds=10), timedelta(seconds=30)
"""For a look of a plug-in that says nothing else (`Check.limit`), and at most."""

_IMPORT_LIMIT = timedelta(seconds=10)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_REASON = 300
_KINDS = {"CHECK": Check, "REMEDY": Remedy}


@dataclass(frozen=True)
class Plugins:
    """What the folders hold. `faults`: files that are broken or left out, each with its reason."""

    checks: Mapping[str, Check] = field(default_factory=dict)
    remedies: Mapping[str, Remedy] = field(default_factory=dict)
    faults: Sequence[ConfigFault] = ()


class BrokenParams(Model, extra="ignore"):
    """Whatever stands in the section of a plug-in that cannot say what may."""


def refusal(folder: Path, owner: int | None) -> str | None:
    """Why nothing of this folder is run, or None. `owner` is the configuration's: who owns that says what runs here."""
    try:
        if not folder.is_dir():
            return f"there is no folder {folder}"
        os.listdir(folder)  # noqa: PTH208  whether it can be read
        return _unsafe(folder, owner)
    except OSError as error:
        return f"{folder} cannot be read: {error.strerror}"


def _unsafe(path: Path, owner: int | None) -> str | None:
    if os.name != "posix":
        return None
    found = path.stat()
    if found.st_mode & stat.S_IWOTH:
        return f"{path} can be written by everyone: what is in it would run with Guardian's rights (chmod o-w)"
    if found.st_uid not in (0, os.geteuid(), owner):
        return f"{path} belongs to another user (id {found.st_uid}): whoever owns it says what Guardian runs"
    return None


def load(
    folders: Sequence[Path], owner: int | None, taken: Mapping[str, Collection[str]], remedies: Collection[str]
) -> Plugins:
    """Every plug-in of the folders, imported once per process. `taken` are the ids of Guardian's own, by CHECK and
    REMEDY; `remedies` those that a check may name. Never raises for what a file holds."""
    ids = tuple((kind, frozenset(names)) for kind, names in sorted(taken.items()))
    return _load(tuple(folders), owner, ids, frozenset(remedies))


@cache
def _load(
    folders: tuple[Path, ...],
    owner: int | None,
    taken: tuple[tuple[str, frozenset[str]], ...],
    remedies: frozenset[str],
) -> Plugins:
    faults: list[ConfigFault] = []
    loaded: dict[str, tuple[Path, Mapping[str, Any]]] = {}
    broken: dict[str, str] = {}
    reserved = frozenset().union(*(ids for _, ids in taken))
    for path, trial in _files(folders):
        name = path.stem
        if reason := _misnamed(name, reserved, loaded.keys() | broken.keys()) or None:
            faults.append(ConfigFault(str(path), "", f"left out: {reason}"))
            continue
        reason = trial or _unsafe(path, owner)
        try:
            if reason is None:
                loaded[name] = path, _imported(path)
                continue
        except PluginError as error:
            reason = str(error)
        broken[name] = brief(reason, _REASON)
        faults.append(ConfigFault(str(path), "", broken[name]))
    return _sorted_out(loaded, broken, faults, remedies)


def _sorted_out(
    loaded: Mapping[str, tuple[Path, Mapping[str, Any]]],
    broken: dict[str, str],
    faults: list[ConfigFault],
    remedies: frozenset[str],
) -> Plugins:
    own = {name: contained.remedy(found["REMEDY"]) for name, (_, found) in loaded.items() if "REMEDY" in found}
    checks: dict[str, Check] = {}
    for name, (path, found) in loaded.items():
        if "CHECK" not in found:
            continue
        if reason := _unfit(name, found["CHECK"], remedies | own.keys()):
            broken[name] = brief(reason, _REASON)
            faults.append(ConfigFault(str(path), "", broken[name]))
        else:
            checks[name] = _contained(found["CHECK"])
    checks |= {name: _unknown(name, reason) for name, reason in broken.items()}
    return Plugins(dict(sorted(checks.items())), own, tuple(faults))


def _files(folders: Sequence[Path]) -> Iterator[tuple[Path, str | None]]:
    """Each plug-in's file, and why it cannot be imported, where it cannot. Tried in another process first, because an
    import may do anything."""
    for folder in folders:
        paths = [path for path in sorted(folder.glob("*.py")) if not path.name.startswith(("_", "."))]
        whole = _tried(paths)
        for path in paths:
            yield path, _tried([path]) if whole else None


def _tried(paths: Sequence[Path]) -> str | None:
    def work() -> None:
        for path in paths:
            with contextlib.suppress(PluginError):  # that one can be said without a process of its own
                _imported(path)

    if not paths or not CAN:
        return None
    try:
        apart(work, _IMPORT_LIMIT, memory_bytes=contained.MEMORY_BYTES)
    except Lost as lost:
        return f"it cannot be imported: {lost}"
    return None


def _misnamed(name: str, reserved: Collection[str], before: Collection[str]) -> str | None:
    if not _NAME.fullmatch(name):
        return "its name is its id, which is a small letter and then small letters, digits and `_`"
    if name in reserved:
        return f"`{name}` is one of Guardian's own: give the file another name"
    if name in before:
        return f"another folder has a `{name}` already"
    return None


def _imported(path: Path) -> Mapping[str, Any]:
    """Its CHECK, its REMEDY, or both. Raises PluginError."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            found = registry.load(registry.package_of(path.parent), path.stem, *_KINDS)
    except PluginError:
        raise PluginError("it has neither CHECK nor REMEDY: a plug-in defines one of them, or both") from None
    except (Exception, SystemExit) as error:
        raise PluginError(f"it cannot be imported: {type(error).__name__}: {error}") from error
    for attribute, value in found.items():
        if not isinstance(value, _KINDS[attribute]):
            raise PluginError(f"its {attribute} is {_a(value)}, not a {_KINDS[attribute].__name__}")
    return found


def _unfit(name: str, check: Check, remedies: Collection[str]) -> str | None:
    """What would only be found out in the middle of a patrol."""
    if check.member is not None:
        return "its CHECK has `member`, which plug-ins cannot have"
    if check.remedy is not None and check.remedy not in remedies:
        known = ", ".join(f"`{remedy}`" for remedy in sorted(remedies))
        return f"its remedy `{check.remedy}` is not known; known are {known}"
    if not isinstance(check.every, timedelta) or check.every < timedelta(seconds=1):
        return "its `every` is not a timedelta of at least one second"
    if not (isinstance(check.params, type) and issubclass(check.params, Model)):
        return "its `params` is not a class made from guardian.settings.Model"
    try:
        check_model(name, CheckSection(str(check.title), check.every, check.params))()
    except Exception as error:  # noqa: BLE001  a stranger's class; pydantic raises many kinds
        return f"its `params` cannot be a section, in which each key has a default: {error}"
    return None


def _a(value: object) -> str:
    return f"a {type(value).__name__}"


def _contained(check: Check) -> Check:
    return replace(check, own=True, limit=min(check.limit or LOOK_LIMIT, LONGEST_LOOK))


def _unknown(name: str, reason: str) -> Check:
    """Stands in for a broken plug-in, so that what it should have looked at is not silently unseen."""
    return Check(
        "A plug-in that is broken",
        every=timedelta(minutes=1),
        params=BrokenParams,
        probe=partial(_blind, name, reason),
        judge=lambda _sample, _params, memory, _now: Judgement((), memory),
        evidence=lambda _sample, _target: TargetEvidence(),
        own=True,
    )


def _blind(name: str, reason: str, *_: object) -> NoReturn:
    raise SourceError(name, f"the plug-in is broken: {reason}")
