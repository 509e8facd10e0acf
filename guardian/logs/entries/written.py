"""Which of several logs was written last. A stat of each: nothing is opened."""

import os
import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from glob import iglob
from itertools import islice

from guardian.logs.rotation.archives import is_hidden
from guardian.ports import LastWritten

_MOST_FILES = 5000
_MOST_TROUBLES = 5


def last_written(patterns: Sequence[str]) -> LastWritten:
    newest: tuple[int, str] | None = None
    troubles: list[str] = []
    for pattern in patterns:
        for path in islice(iglob(pattern), _MOST_FILES):  # noqa: PTH207  the whole path is the pattern
            try:
                state = os.stat(path)  # noqa: PTH116  thousands of them
            except OSError as error:
                troubles.append(f"{path}: {error.strerror or error}")
                continue
            if stat.S_ISREG(state.st_mode) and not is_hidden(path):
                newest = max(newest or (0, ""), (state.st_mtime_ns, path))
    if newest is None:
        return LastWritten(troubles=troubles[:_MOST_TROUBLES])
    return LastWritten(newest[1], datetime.fromtimestamp(newest[0] / 1e9, UTC), troubles[:_MOST_TROUBLES])
