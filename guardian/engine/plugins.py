"""The operator's own plug-ins: each Python file of a named folder is a check, a remedy, or both.

A folder that cannot be used is a mistake in the configuration. A broken file never is: it becomes a check that answers
unknown, with the reason, and the others go on.
"""

import contextlib
import io
import logging
import os
import re
import stat
from collections.abc import Callable, Collection, Mapping, Sequence
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
from guardian.model import RemedyKind
from guardian.settings import Model, duration_text

LOOK_LIMIT, LONGEST_LOOK = timedelta(seconds=10), timedelta(seconds=30)
"""For a look of a plug-in that says nothing else (`Check.limit`), and at most."""

_IMPORT_LIMIT = timedelta(seconds=10)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_REASON = 300
logger = logging.getLogger(__name__)

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
        helpers = [path for path in folder.iterdir() if path.name.startswith("_")]  # imported by the others
        return next(filter(None, (_unsafe(path, owner) for path in [folder, *helpers])), None)
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
    files = _Files()
    reserved = frozenset().union(*(ids for _, ids in taken))
    for folder in folders:
        files.take(folder, owner, reserved)
    known = remedies | {name for name, (_, found) in files.loaded.items() if "REMEDY" in found}
    checks: dict[str, Check] = {}
    for name, (path, found) in files.loaded.items():
        if reason := _unfit(name, found, known):
            files.breaks(path, reason)
        elif "CHECK" in found:
            checks[name] = _contained(found["CHECK"])
    own = {
        name: contained.remedy(found["REMEDY"])
        for name, (_, found) in files.loaded.items()
        if "REMEDY" in found and name not in files.broken
    }
    checks |= {name: _unknown(name, reason) for name, reason in files.broken.items()}
    return Plugins(dict(sorted(checks.items())), own, tuple(files.faults))


@dataclass(frozen=True)
class _Files:
    """What has become of the files so far, by id."""

    loaded: dict[str, tuple[Path, Mapping[str, Any]]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    faults: list[ConfigFault] = field(default_factory=list)

    def take(self, folder: Path, owner: int | None, reserved: Collection[str]) -> None:
        """Nothing runs of a file that is left out or not to be trusted. What runs is tried in another process first,
        because an import may do anything: all at once, and one by one only where that fails."""
        paths = [path for path in sorted(folder.glob("*.py")) if not path.name.startswith(("_", "."))]
        fit = [path for path in paths if self._may_run(path, owner, reserved)]
        whole = _tried(fit)
        for path in fit:
            try:
                if reason := _tried([path]) if whole else None:
                    raise PluginError(reason)  # noqa: TRY301
                self.loaded[path.stem] = path, _imported(path)
            except PluginError as error:
                self.breaks(path, str(error))

    def _may_run(self, path: Path, owner: int | None, reserved: Collection[str]) -> bool:
        if reason := _misnamed(path.stem, reserved, self.loaded.keys() | self.broken.keys()):
            self.faults.append(ConfigFault(str(path), "", f"left out: {reason}"))
        elif reason := _unsafe(path, owner):
            self.breaks(path, reason)
        else:
            return True
        return False

    def breaks(self, path: Path, reason: str) -> None:
        self.broken[path.stem] = brief(reason, _REASON)
        self.faults.append(ConfigFault(str(path), "", self.broken[path.stem]))


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


def _unfit(name: str, found: Mapping[str, Any], remedies: Collection[str]) -> str | None:
    """What would only be found out in the middle of a patrol."""
    try:
        if "REMEDY" in found and not isinstance(found["REMEDY"].kind, RemedyKind):
            return "the `kind` of its REMEDY is not a RemedyKind"
        return _unfit_check(name, found["CHECK"], remedies) if "CHECK" in found else None
    except Exception as error:  # noqa: BLE001  a stranger's values
        return f"its CHECK cannot be used: {type(error).__name__}: {error}"


def _unfit_check(name: str, check: Check, remedies: Collection[str]) -> str | None:
    if check.member is not None:
        return "its CHECK has `member`, which plug-ins cannot have"
    if check.remedy is not None and check.remedy not in remedies:
        known = ", ".join(f"`{remedy}`" for remedy in sorted(remedies))
        return f"its remedy `{check.remedy}` is not known; known are {known}"
    if check.every < timedelta(seconds=1):
        return "its `every` is less than one second"
    if check.limit is not None and not timedelta(0) < check.limit <= LONGEST_LOOK:
        return f"its `limit` is not more than zero and at most {duration_text(LONGEST_LOOK)}"
    return _unfit_params(name, check)


def _unfit_params(name: str, check: Check) -> str | None:
    if not (isinstance(check.params, type) and issubclass(check.params, Model)):
        return "its `params` is not a class made from guardian.settings.Model"
    try:
        check_model(name, CheckSection(str(check.title), check.every, check.params))()
    except Exception as error:  # noqa: BLE001  pydantic raises many kinds
        return f"its `params` cannot be a section, in which each key has a default: {error}"
    return None


def _a(value: object) -> str:
    return f"a {type(value).__name__}"


def _contained(check: Check) -> Check:
    return replace(
        check,
        own=True,
        limit=check.limit or LOOK_LIMIT,
        order=partial(_ordered, check.order) if check.order else None,
    )


def _ordered(order: Callable[[Any, str], Any], params: Any, target: str) -> Any:
    """None, with which no remedy that needs an order acts, where the check cannot say."""
    try:
        return order(params, target)
    except (Exception, SystemExit):
        logger.exception("a plug-in cannot say what its remedy is to do for %s", target)
        return None


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
