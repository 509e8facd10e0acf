"""The escalation task: a `.task` file that an orchestrator or a person picks up, whole or not there at all.

Written beside its final name, synced, then linked to it, which never replaces a file. A leftover of a killed
writer is `.guardian-*.tmp` and goes at the next write an hour later. The directory is shared with programs
that take, edit and delete its files at any time; what they made of a file is kept.
"""

import errno
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from guardian.diagnose.plain import brief, plain_json
from guardian.errors import DeliveryError
from guardian.model import JSON, Incident, Transition
from guardian.notify import texts

SYNC_SOURCE = "guardian"
DONE = "done"
_TEMPORARY = ".guardian-"
_STALE_SECONDS = 3600
_LOG_LINES = 50
_MAX_BYTES = 1024 * 1024
_NAME_BYTES = {"check": 40, "target": 80, "incident": 60}
"""In the order of the name, which with a temporary one's additions must stay under 255 bytes."""
_SAFE = frozenset("-_.#@+=~")
_NO_LINKS = frozenset({errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What `link` says on file systems that have no hard links, or in folders that forbid them."""

_NO_HYPOTHESIS = "No known signature in the log; see the evidence."


def task(incident: Incident, story: Sequence[Transition], at: datetime, kind: str = "attention") -> dict[str, JSON]:
    """The content, JSON of bounded size. `kind`: `attention` or `quality_review`; `at`: `created_at`."""
    evidence = incident.evidence
    cause = evidence.hypothesis if evidence else None
    why = texts.why_not_healed(incident, story)
    return {
        "title": texts.title(incident, "escalation"),
        "description": texts.text(incident, story, "escalation"),
        "fix_hint": brief(cause.fix_hint, 400) if cause else "",
        "severity": incident.severity.value,
        "created_at": at.isoformat(),
        "id": f"guardian-{incident.id}",
        "incident": incident.id,
        "check": brief(incident.key.check, 100),
        "target": brief(incident.key.target, 200),
        "node": brief(incident.key.node, 100),
        "kind": kind,
        "_sync_source": SYNC_SOURCE,
        "symptoms": list(texts.symptoms(incident)),
        "root_cause_hypothesis": brief(cause.cause, 300) if cause else _NO_HYPOTHESIS,
        "evidence": {
            "taken_at": evidence.taken_at.isoformat() if evidence else None,
            "facts": plain_json(evidence.facts) if evidence else {},
            "log_tail": list(texts.log_lines(evidence, _LOG_LINES)),
            "signature": cause.signature if cause else None,
            "not_healed_because": why,
        },
        "actions_tried": [
            {"at": step.at.isoformat(), "action": step.kind, "text": brief(step.text, 200)}
            for step in story
            if step.kind in texts.DONE
        ],
    }


def file_name(content: Mapping[str, JSON]) -> str:
    """`<UTC>-<check>-<target>-<incident>.task`, bounded; what no file name may hold is %-escaped."""
    at = datetime.fromisoformat(str(content["created_at"])).astimezone(UTC)
    parts = (_safe(str(content[key]), most) for key, most in _NAME_BYTES.items())
    return "-".join([at.strftime("%Y%m%dT%H%M%SZ"), *parts]) + ".task"


def write(directory: Path, content: Mapping[str, JSON]) -> Path:
    """The file's path, synced to disk. A file of the same incident that is there already stays as it is.

    Raises DeliveryError (retryable) with path and reason; nothing is left behind then.
    """
    data = _encoded(content)
    with _faults_of(directory):
        if open_file := _file_of(directory, str(content["incident"])):
            return open_file
        path = directory / file_name(content)
        temporary = _temporary(directory, data)
        try:
            _remove_stale(directory, temporary.stat().st_mtime)
            _link(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync(directory)
    return path


def close(directory: Path, name: str, resolution: str, at: datetime) -> bool:
    """Moves the file into `done/` and adds `resolution` and `resolved_at`; False when somebody took it.

    It is claimed first, by a move to a hidden name in `done/` that has one winner; what a killed call left
    there is finished by the next. A file that is no JSON object any more is moved as it is.
    Raises DeliveryError (retryable) when the folder cannot be used.
    """
    if not name or Path(name).name != name or name.startswith(".") or "\0" in name:
        raise DeliveryError(f"{name!r} is not the name of a task file", retryable=False)
    with _faults_of(directory):
        done = directory / DONE
        directory.stat()
        claimed = done / f"{_TEMPORARY}{name}.closing"
        more = {"resolution": brief(resolution, 500), "resolved_at": at.isoformat()}
        left = os.path.lexists(claimed)
        if left:
            _finish(claimed, done / name, more)
        if not _claim(directory / name, claimed):
            return left
        _finish(claimed, done / name, more)
        _sync(directory)
    return True


def _safe(part: str, most: int) -> str:
    """Letters and digits of any script stay; a long name ends in a hash, so that two stay two."""
    kept = "".join(c if c.isalnum() or (c in _SAFE and (i or c != ".")) else _escaped(c) for i, c in enumerate(part))
    if len(kept.encode()) <= most:
        return kept
    head = kept.encode()[: most - 9].decode("utf-8", "ignore")
    return f"{head}~{hashlib.sha256(part.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


def _encoded(content: Mapping[str, JSON]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")


@contextmanager
def _faults_of(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        at = error.filename or directory
        raise DeliveryError(f"task directory {directory}: {error.strerror or type(error).__name__} ({at})") from error


def _file_of(directory: Path, incident: str) -> Path | None:
    """An earlier delivery of this incident, whatever second it was named after."""
    ending = f"-{_safe(incident, _NAME_BYTES['incident'])}.task"
    with os.scandir(directory) as entries:
        names = sorted(e.name for e in entries if e.name.endswith(ending) and e.is_file(follow_symlinks=False))
    return directory / names[0] if names else None


def _temporary(directory: Path, data: bytes) -> Path:
    """A synced file with these bytes, beside the final one; gone again if that fails."""
    path = directory / f"{_TEMPORARY}{secrets.token_hex(8)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags, 0o644), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def _link(temporary: Path, path: Path) -> None:
    """Gives the file its name, never in another one's place."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
        temporary.rename(path)


def _remove_stale(directory: Path, now: float) -> None:
    """`now` by the file system's own clock: the time of a file written a moment ago."""
    for leftover in directory.glob(f"{_TEMPORARY}*.tmp"):
        with suppress(OSError):
            if now - leftover.stat().st_mtime > _STALE_SECONDS:
                leftover.unlink()


def _sync(directory: Path) -> None:
    """So that the name survives a power cut. Windows and some file systems cannot sync a folder."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


def _claim(path: Path, claimed: Path) -> bool:
    """False when it is not there. Only regular files: a link could show what it points to."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return False
        claimed.parent.mkdir(exist_ok=True)
        path.rename(claimed)
    except FileNotFoundError:
        return False
    return True


def _finish(claimed: Path, path: Path, more: Mapping[str, JSON]) -> None:
    """Puts the claimed file in its place. Two calls at once give one file; a kill loses nothing."""
    content = _json_object(claimed)
    data = _closed(content, more)
    if content is None or data is None:
        with suppress(FileNotFoundError):  # another call was faster
            claimed.rename(_free(path))
    else:
        _publish(data, content, path)
        claimed.unlink(missing_ok=True)
    _sync(path.parent)


def _closed(content: Mapping[str, JSON] | None, more: Mapping[str, JSON]) -> bytes | None:
    """The new bytes; None where there is nothing to add to."""
    if content is None or "resolution" in content:
        return None
    try:
        return _encoded({**content, **more})
    except ValueError:  # it holds what JSON in UTF-8 cannot
        return None


def _publish(data: bytes, content: Mapping[str, JSON], path: Path) -> None:
    temporary = _temporary(path.parent, data)
    try:
        _remove_stale(path.parent, temporary.stat().st_mtime)
        while not _linked(temporary, path) and not _holds(path, content):
            path = _next(path)
    finally:
        temporary.unlink(missing_ok=True)


def _linked(temporary: Path, path: Path) -> bool:
    try:
        _link(temporary, path)
    except FileExistsError:
        return False
    return True


def _holds(path: Path, content: Mapping[str, JSON]) -> bool:
    """Another call closed the same task at this moment."""
    there = _json_object(path)
    blank = {"resolution": None, "resolved_at": None}
    return there is not None and "resolution" in there and there | blank == {**content, **blank}


def _free(path: Path) -> Path:
    """The name itself, or with a number where somebody put another file there."""
    while os.path.lexists(path):
        path = _next(path)
    return path


def _next(path: Path) -> Path:
    stem, _, number = path.stem.rpartition("~")
    if not (stem and number.isdecimal()):
        stem, number = path.stem, "1"
    return path.with_name(f"{stem}~{int(number) + 1}{path.suffix}")


def _json_object(path: Path) -> dict[str, JSON] | None:
    """None for anything else, for what is too large to be a task, and for nothing."""
    try:
        facts = path.lstat()
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > _MAX_BYTES:
            return None
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError, FileNotFoundError):
        return None
    return content if isinstance(content, dict) else None
