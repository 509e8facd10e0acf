"""What this user may do with a path, by the path itself."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Seen:
    """`owner` is None where the path is not there or out of reach; `trouble` says why it cannot be looked at."""

    path: Path
    owner: int | None = None
    folder: bool = False
    socket: bool = False
    readable: bool = False
    writable: bool = False
    trouble: str | None = None

    @property
    def there(self) -> bool:
        return self.owner is not None


def seen(path: Path) -> Seen:
    """Follows links. A folder counts as writable when files can be made in it. Never raises."""
    try:
        known = path.stat()
    except FileNotFoundError:
        return Seen(path)
    except (OSError, ValueError) as error:
        return Seen(path, trouble=getattr(error, "strerror", None) or "no path")
    folder = stat.S_ISDIR(known.st_mode)
    through = os.X_OK if folder else 0
    return Seen(
        path=path,
        owner=known.st_uid,
        folder=folder,
        socket=stat.S_ISSOCK(known.st_mode),
        readable=os.access(path, os.R_OK | through),
        writable=os.access(path, os.W_OK | through),
    )
