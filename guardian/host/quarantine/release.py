"""Give one script back, for a reason that is kept."""

import errno
import json
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from guardian.errors import GuardianError
from guardian.host.quarantine.place import AUDIT, SCRIPT, Entry, Place, read_sidecar, write_sidecar


def release(place: Place, id_: str, *, author: str, reason: str, now: datetime, to: Path | None = None) -> Entry:
    """Back to where it was, or to `to`, never over another file. Raises GuardianError; it is in the quarantine then.
    Again after a death in between: goes on."""
    with place.locked():
        folder = place.of(id_)
        entry = read_sidecar(folder)
        if entry.state == "released":
            raise GuardianError(f"{id_} was released already")
        target = Path(os.path.abspath(to or entry.path))  # noqa: PTH100
        try:
            _give(folder / SCRIPT, target, entry.mode)
        except FileExistsError:
            raise GuardianError(f"{target} is there: name another place with --to") from None
        except OSError as error:
            raise GuardianError(f"{target} cannot be written: {error.strerror or error}") from None
        said = {"by": author, "reason": reason, "at": now.isoformat(), "to": str(target)}
        done = replace(entry, state="released", released=said)
        _audit(place, {"action": "release", "id": id_, "sha256": entry.sha256, "from": entry.path, **said})
        write_sidecar(folder, done)
        with suppress(FileNotFoundError):
            (folder / SCRIPT).unlink()
        return done


def _give(script: Path, target: Path, mode: int) -> None:
    if target.is_file() and script.exists() and os.path.samestat(target.lstat(), script.lstat()):
        pass  # an earlier try ended here
    else:
        try:
            os.link(script, target, follow_symlinks=False)
        except OSError as error:
            if error.errno in (errno.EEXIST, errno.ENOENT):
                raise
            _copy(script, target)
    target.chmod(mode)


def _copy(script: Path, target: Path) -> None:
    """To another file system."""
    with script.open("rb") as source, target.open("xb") as copy:
        try:
            shutil.copyfileobj(source, copy)
            copy.flush()
            os.fsync(copy.fileno())
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def _audit(place: Place, line: dict[str, str]) -> None:
    with (place.folder / AUDIT).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
