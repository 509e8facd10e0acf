"""The first configuration: look around, write it, and rehearse what it would heal."""

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from guardian import services
from guardian.config import load
from guardian.config.source import DEFAULT, VARIABLE
from guardian.engine.rehearsal import Rehearsal, first_look
from guardian.errors import GuardianError
from guardian.runtime import statedir
from guardian.settings import user_path
from guardian.setup import files
from guardian.setup.around import Found, Places, look_around
from guardian.setup.draft import draft


@dataclass(frozen=True)
class Begun:
    """`backup` is the file of before, where there was one."""

    file: Path
    backup: Path | None
    found: Found
    rehearsals: Sequence[Rehearsal]


def init(option: Path | None, *, force: bool, places: Places, now: datetime) -> Begun:
    """Raises GuardianError: there is a file already, or it cannot be written."""
    path = _target(option, places)
    if os.path.lexists(path) and not force:
        raise GuardianError(f"{path} is there already: --force writes it anew, and keeps the old one beside it")
    found = look_around(places)
    return Begun(path, _write(path, draft(found), now), found, rehearse(path, now))


def _write(path: Path, text: str, now: datetime) -> Path | None:
    """Gives where the file of before is kept, where there was one."""
    if os.path.lexists(path):
        return files.replace(path, text, backup_at=now)
    files.create(path, text)
    return None


def _target(option: Path | None, places: Places) -> Path:
    """As it will be looked for."""
    named = option or places.environ.get(VARIABLE)
    return places.cwd / (user_path(str(named)) if named else DEFAULT)


def rehearse(path: Path, now: datetime) -> Sequence[Rehearsal]:
    """Each check that the file switches on. Needs nothing that runs, and changes nothing."""
    config = load(path, services.sections(), os.environ)
    engine = services.rehearsal(config, statedir.DEFAULT.absolute())
    with closing(engine.store):
        return [first_look(engine, name, now) for name, check in config.checks.items() if check.enabled]
