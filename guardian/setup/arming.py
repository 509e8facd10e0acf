"""Switching the healing on and off: in the file, for every start to come; in the store, for all who run now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from guardian import services
from guardian.config import Config
from guardian.config.source import written_at
from guardian.errors import GuardianError, NotRunning, StoreError
from guardian.model import Arming, Mode
from guardian.runtime import statedir
from guardian.setup import files
from guardian.setup.mode_edit import EditError, with_mode


@dataclass(frozen=True)
class Switched:
    """What was done. `trouble` says why the file is not changed, `told` that the store has a new word, `untold` why
    it has not. `running`: there is a store to tell. `own` are checks that observe by their own key."""

    mode: Mode
    file: str | None
    configured: Mode
    changed: bool
    trouble: str | None
    told: bool
    untold: str | None
    running: bool
    own: Sequence[str]


def switch(mode: Mode, option: Path | None, state: Path | None, by: str, comment: str) -> Switched:
    """Observing begins in the store, so that it begins even where the file cannot be changed; healing in the file.
    Raises ConfigError, and GuardianError where there is nothing to switch."""
    config = services.load_config(option)
    folder = (state or statedir.DEFAULT).absolute()
    word = partial(_tell, config, folder, mode, by, comment)
    first = word() if mode is Mode.OBSERVE else _Told()
    changed, trouble = _write(config, mode)
    last = first if trouble else word()  # once more where it was told before: the newer word counts
    told = replace(last, done=first.done or last.done)
    if config.source is None and not told.running:
        raise GuardianError("no configuration file, and no Guardian runs here: `guardian init` writes the file")
    return Switched(
        mode=mode,
        file=config.source,
        configured=config.mode,
        changed=changed,
        trouble=trouble,
        told=told.done,
        untold=told.why_not,
        running=told.running,
        own=[name for name, check in config.checks.items() if check.enabled and check.mode is Mode.OBSERVE],
    )


def _write(config: Config, mode: Mode) -> tuple[bool, str | None]:
    """(whether the file was changed, why it could not be)."""
    if config.source is None or config.mode is mode:
        return False, None
    path = Path(config.source)
    try:
        files.replace(path, with_mode(path.read_bytes().decode("utf-8"), mode))
    except (files.WriteError, EditError, OSError) as error:
        return False, str(error)
    return True, None


@dataclass(frozen=True)
class _Told:
    done: bool = False
    running: bool = False
    why_not: str | None = None


def _tell(config: Config, folder: Path, mode: Mode, by: str, comment: str) -> _Told:
    try:
        url = statedir.redis_url(config, folder)
    except NotRunning:
        return _Told()
    store = services.open_store(config, url, None)
    try:
        now, known = store.clock.now(), store.arming()
        written = written_at(Path(config.source)) if config.source else None
        if known is None or known.mode is not mode or (written and written > known.at):
            store.arm(Arming(mode, by, now, comment))
            return _Told(done=True, running=True)
    except StoreError as error:
        return _Told(running=True, why_not=str(error))
    finally:
        store.close()
    return _Told(running=True)
