"""Apps that note each of their starts themselves, so that nobody has to be asked for it. Needs Linux (`date +%N`)."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = """
echo "$(date +%s%N) $$" >> {folder}/{name}.starts
if [ -s {folder}/{name}.fails ]; then sed -i 1d {folder}/{name}.fails; exit 1; fi
exec sleep 1000000
"""


@dataclass(frozen=True)
class Start:
    """Seconds since 1970, and the process."""

    at: float
    pid: int


@dataclass(frozen=True)
class App:
    """One app, with its notes in a folder."""

    name: str
    folder: Path

    @property
    def script(self) -> str:
        return _SCRIPT.format(folder=self.folder, name=self.name)

    def starts(self) -> Sequence[Start]:
        try:
            lines = (self.folder / f"{self.name}.starts").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [Start(int(at) / 1e9, int(pid)) for at, pid in map(str.split, lines)]

    def runs_since(self, seconds: float, now: float) -> bool:
        """It has run for at least so long."""
        starts = self.starts()
        return bool(starts) and now - starts[-1].at >= seconds and _lives(starts[-1].pid)

    def fail_at_start(self, times: int) -> None:
        """Each of its next starts, so many of them."""
        (self.folder / f"{self.name}.fails").write_text("fail\n" * times)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
