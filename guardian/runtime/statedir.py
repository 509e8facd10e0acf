"""The state directory: who holds it, and what clients find there.

`lock` is held by the running `up`; `client.json` (mode 0600) exists while it runs.
"""

import fcntl
import json
import os
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from guardian.config import Config
from guardian.errors import AlreadyRunning, GuardianError, NotRunning

DEFAULT = Path(".guardian")

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Client:
    """How to reach a running Guardian. `flags` is the file in which pause and throttle are mirrored."""

    url: str
    prefix: str
    flags: str
    node: str


def prepare(option: Path | None) -> Path:
    """The absolute state directory, made with mode 0700 where it is missing. Raises GuardianError."""
    state = (option or DEFAULT).absolute()
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(state, os.W_OK | os.X_OK):
            raise PermissionError("not writable")
    except OSError as error:
        raise GuardianError(f"{state} cannot be the state directory: {error.strerror or error}") from error
    return state


@contextmanager
def held(state: Path) -> Iterator[int]:
    """Hold the directory for this process; gives the lock's file descriptor, which a forked child must close.

    Raises AlreadyRunning. The lock ends with the process, however that ends.
    """
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        lock = _locked(state)
    except BaseException:
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)
        raise
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)  # an end that came meanwhile finds the lock to be ours
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield lock
    finally:
        (state / "lock").unlink(missing_ok=True)
        os.close(lock)


def _locked(state: Path) -> int:
    path = state / "lock"
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is(path, lock):
                return lock
        except BlockingIOError:
            pid = _holder(lock)
            os.close(lock)
            raise AlreadyRunning(str(state), pid) from None
        os.close(lock)  # its holder removed the file between our opening and locking it


def _is(path: Path, lock: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(lock))
    except FileNotFoundError:
        return False


def _holder(lock: int) -> int | None:
    with suppress(ValueError):
        return int(os.pread(lock, 32, 0))
    return None


@contextmanager
def announced(state: Path, client: Client) -> Iterator[None]:
    """Have `client.json` there for as long as this lasts."""
    path = state / "client.json"
    write_json(path, asdict(client))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def client(state: Path) -> Client | None:
    """The running Guardian of this directory as it announced itself, or None."""
    try:
        return Client(**json.loads((state / "client.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise GuardianError(f"{state / 'client.json'} cannot be read: {error}") from error


def redis_url(config: Config, state: Path) -> str:
    """Where Redis is: as configured, else that of the `up` which runs here. Raises NotRunning."""
    if config.redis.url:
        return config.redis.url.get_secret_value()
    running = client(state)
    if running is None:
        raise NotRunning(f"no Guardian runs in {state}: start it with `guardian up`, or set [redis] url")
    return running.url


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Replace the file whole or not at all, mode 0600."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
